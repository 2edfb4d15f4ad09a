import EventStore
public import Jobs

/// Removes companies with everybody who is in them, however many that are: some thousand users at a time, then the company.
/// Meant are those who were in it when it was asked for. A run after a crash goes on with who is left.
public struct CompanyDeletionHandler: JobHandler {
    private let deletions: DeletionJobHandler
    private let profiles: any RemovableProfiles

    /// Each time the log is searched once.
    private static let usersAtOnce = 10_000

    public init(deletions: DeletionJobHandler, profiles: any RemovableProfiles) {
        self.deletions = deletions
        self.profiles = profiles
    }

    public func run(_ deletion: Deletion, _ context: JobContext) async throws {
        let environmentID = deletion.environmentID
        for company in deletion.ids {
            while true {
                try Task.checkCancellation()
                let members = try await profiles.notedMembers(
                    ofCompany: company, environmentID: environmentID, limit: Self.usersAtOnce)
                if members.isEmpty { break }
                try await deletions.run(
                    Deletion(subject: .users, ids: members, environmentID: environmentID, end: deletion.end), context)
                try await profiles.forgetNoted(members, ofCompany: company, environmentID: environmentID)
            }
        }
        try await deletions.run(deletion, context)
    }
}
