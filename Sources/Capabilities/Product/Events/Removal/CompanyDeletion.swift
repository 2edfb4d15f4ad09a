import EventStore
import JSON
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

    public func run(_ asked: Deletion, _ context: JobContext) async throws {
        let deletion = try await DeletionJobHandler.takeOver(asked, context)
        var counts = DeletedCounts(context)
        let note: (DeletedCounts) async throws -> Void = { found in
            counts.add(found)
            try await context.updateProgress(counts.json)
        }
        while true {
            try Task.checkCancellation()
            let members = try await members(of: deletion)
            if members.isEmpty { break }
            let users = Deletion(
                joining: members.map {
                    Deletion(subject: .users, gone: [$0.users], environmentID: deletion.environmentID)
                })
            if let users { try await deletions.remove(users, note: note) }
            for (company, users) in members {
                try await profiles.forgetNoted(
                    users.ids, ofCompany: company, environmentID: deletion.environmentID)
            }
        }
        try await deletions.remove(deletion, note: note)
        context.setResult(deletion.receipt(counts))
    }

    /// Who of the companies is still to be removed, by company.
    private func members(of deletion: Deletion) async throws -> [(company: String, users: DeletedSubjects)] {
        var members: [(company: String, users: DeletedSubjects)] = []
        var room = Self.usersAtOnce
        for gone in deletion.gone {
            for company in gone.ids where room > 0 {
                let users = try await profiles.notedMembers(
                    ofCompany: company, environmentID: deletion.environmentID, limit: room)
                if users.isEmpty { continue }
                members.append((company, DeletedSubjects(users, upTo: gone.end)))
                room -= users.count
            }
        }
        return members
    }
}
