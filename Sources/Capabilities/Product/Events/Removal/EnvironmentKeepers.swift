/// The other rooms that keep something of environments and projects, and remove it once these are gone.
public struct EnvironmentKeepers: Sendable {
    let contents: [any EnvironmentContents]
    let projectContents: [any ProjectContents]
    let jobFiles: any JobFiles
    let projectFiles: any ProjectFiles

    /// - Parameters:
    ///   - contents: removed in this order.
    ///   - projectContents: removed in this order, after those of its environments.
    public init(
        contents: [any EnvironmentContents], projectContents: [any ProjectContents], jobFiles: any JobFiles,
        projectFiles: any ProjectFiles
    ) {
        self.contents = contents
        self.projectContents = projectContents
        self.jobFiles = jobFiles
        self.projectFiles = projectFiles
    }
}

/// Keeps what was made of an environment's events, or stored in it.
public protocol EnvironmentContents: Sendable {
    /// Removes all of an environment that is no more. A call after one that was cut off goes on with it.
    func deleteAll(environmentID: Int64) async throws
}

/// The same of a project as a whole.
public protocol ProjectContents: Sendable {
    /// Removes all of a project that is no more. A call after one that was cut off goes on with it.
    func deleteAll(projectID: Int64) async throws
}

/// Keeps files that jobs have stored.
public protocol JobFiles: Sendable {
    /// Removes what a job has stored, if it stored anything.
    func removeFiles(jobID: String) async throws
}

/// Keeps files of projects, such as pictures.
public protocol ProjectFiles: Sendable {
    /// Removes what belongs to a project as a whole.
    func removeFiles(projectID: Int64) async throws
}
