/// The other rooms that keep something of environments and projects, and remove it once these are gone.
public struct EnvironmentKeepers: Sendable {
    let contents: [any EnvironmentContents]
    let jobFiles: any JobFiles
    let projectFiles: any ProjectFiles

    /// - Parameter contents: removed in this order.
    public init(contents: [any EnvironmentContents], jobFiles: any JobFiles, projectFiles: any ProjectFiles) {
        self.contents = contents
        self.jobFiles = jobFiles
        self.projectFiles = projectFiles
    }
}

/// Keeps what was made of an environment's events.
public protocol EnvironmentContents: Sendable {
    /// Removes all of an environment.
    func deleteAll(environmentID: Int64) async throws
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
