import EventStore
public import Jobs

/// Removes companies with everybody who is in them, however many that are: some thousand users at a time, then the company.
/// A run after a crash begins anew, and finds fewer.
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
            // Who has joined since is made anew, with a number beyond it.
            let last = try await profiles.lastNumber(environmentID: environmentID)
            var number: Int64 = 0
            while number < last {
                try Task.checkCancellation()
                let members = try await profiles.members(
                    ofCompany: company, environmentID: environmentID, after: number, upTo: last, limit: Self.usersAtOnce
                )
                number = members.userIDs.count < Self.usersAtOnce ? last : members.last
                if members.userIDs.isEmpty { continue }
                try await deletions.run(
                    Deletion(
                        subject: .users, ids: members.userIDs, environmentID: environmentID, end: deletion.end), context
                )
            }
        }
        try await deletions.run(deletion, context)
    }
}
