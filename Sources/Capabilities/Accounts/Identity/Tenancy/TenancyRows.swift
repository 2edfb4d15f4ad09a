package import ControlStore
package import Time

/// Makes and changes rows of the tenancy tables inside a transaction of another room's.
package struct TenancyRows {
    private let issue: KeyIssue

    /// - Parameter masterKey: seals the secrets of what is made.
    package init(_ database: Database, masterKey: MasterKey, now: Timestamp) {
        issue = KeyIssue(database: database, masterKey: masterKey, now: now)
    }

    /// A project with its first environment, which is called production.
    package func addProject(name: String, type: ProjectType, accountID: Int64) throws -> Project {
        try issue.project(name: name, type: type, accountID: accountID).project
    }

    /// A further environment of a project.
    /// - Returns: its id.
    package func addEnvironment(name: String, projectID: Int64) throws -> Int64 {
        try issue.environment(name: name, projectID: projectID, isDefault: false).id
    }
}
