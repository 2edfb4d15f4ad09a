/// What rows belong to that go later than it, by a job, and so are bound to it by no foreign key: they are stored only while
/// it is there.
extension Database {
    /// Whether there is a project.
    package func hasProject(_ id: Int64) throws -> Bool {
        try value(Bool.self, prepared: "SELECT EXISTS (SELECT 1 FROM projects WHERE id = ?)", arguments: [id]) ?? false
    }

    /// Whether there is an environment.
    package func hasEnvironment(_ id: Int64) throws -> Bool {
        try value(Bool.self, prepared: "SELECT EXISTS (SELECT 1 FROM environments WHERE id = ?)", arguments: [id])
            ?? false
    }
}
