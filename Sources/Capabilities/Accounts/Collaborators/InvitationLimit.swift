import ControlStore
import Time

/// How many invitations an account may mail: nobody's mailbox is to be filled by inviting and taking back again.
enum InvitationLimit {
    static let count: Int64 = 200
    private static let seconds: Int64 = 86_400

    /// Notes that one is mailed.
    /// - Throws: ``CollaboratorError/tooManyInvitations(seconds:)``.
    static func note(accountID: Int64, at now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM invitation_mails WHERE account_id = ? AND sent_at <= ?",
            arguments: [accountID, now.adding(seconds: -seconds)])
        let row = try database.row(
            sql: "SELECT count(*) AS mailed, min(sent_at) AS first FROM invitation_mails WHERE account_id = ?",
            arguments: [accountID])
        if let row, try row.read("mailed", as: Int64.self) >= count,
            let first = try row.read("first", as: Timestamp?.self)
        {
            throw CollaboratorError.tooManyInvitations(
                seconds: max(first.adding(seconds: seconds).seconds - now.seconds, 1))
        }
        try database.execute(
            sql: "INSERT INTO invitation_mails (account_id, sent_at) VALUES (?, ?)", arguments: [accountID, now])
    }
}
