import ControlStore
import Cryptography
import Time

/// Slows down whoever guesses: after some failures with one user name, or from one address, each further one takes twice as long
/// to be allowed. Kept in the store, so that a restart forgets nothing.
struct LoginThrottle: Sendable {
    /// What failures have in common.
    enum Subject: Sendable {
        /// As it was typed, in whatever case.
        case user(String)
        /// Codes of the authenticator app of a user, beside the passwords: who may set the password anew knows no more of them.
        case codes(Int64)
        /// Of the client.
        case address(String)

        fileprivate var digest: [UInt8] {
            switch self {
            case .user(let name): Digest(of: "user \(name.lowercased())".utf8).bytes
            case .codes(let id): Digest(of: "codes \(id)".utf8).bytes
            case .address(let address): Digest(of: "address \(address)".utf8).bytes
            }
        }

        /// Failures without consequence: many people may share an address.
        fileprivate var freeFailures: Int64 {
            switch self {
            case .user, .codes: 5
            case .address: 50
            }
        }

        /// No wait is longer. Who is locked out by somebody else's guesses can reset the password by mail; who shares an address
        /// cannot help it.
        fileprivate var longestWaitSeconds: Int64 {
            switch self {
            case .user, .codes: 900
            case .address: 30
            }
        }

        /// A failure is forgotten after as long: people who share an address mistype all day. Nil for not before the others.
        fileprivate var coolingSeconds: Int64? {
            switch self {
            case .user, .codes: nil
            case .address: 60
            }
        }
    }

    /// Failures are forgotten after as long without one.
    private static let memorySeconds: Int64 = 86_400

    /// - Returns: seconds to wait before the next attempt; nil for none.
    func wait(_ subjects: [Subject], at now: Timestamp, in database: Database) throws -> Int64? {
        let times = try subjects.compactMap { subject in
            try database.value(
                Timestamp.self, sql: "SELECT blocked_until FROM login_failures WHERE subject = ?",
                arguments: [subject.digest])
        }
        guard let until = times.max(), until > now else { return nil }
        return max(until.seconds - now.seconds, 1)
    }

    /// Notes a failure. It is noted before what was brought is looked at, and taken back where that is right: however many come at
    /// once, no more are tried.
    func note(_ subjects: [Subject], at now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM login_failures WHERE failed_at < ?", arguments: [now.adding(seconds: -Self.memorySeconds)]
        )
        for subject in subjects {
            let (failures, failedAt) = try known(subject, at: now, in: database)
            let beyond = failures + 1 - subject.freeFailures
            let wait = beyond > 0 ? min(Int64(1) << min(beyond, 20), subject.longestWaitSeconds) : 0
            try database.execute(
                sql: """
                    INSERT INTO login_failures (subject, failures, failed_at, blocked_until) VALUES (?, ?, ?, ?)
                    ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at,
                        blocked_until = excluded.blocked_until
                    """,
                arguments: [subject.digest, failures + 1, failedAt, now.adding(seconds: wait)])
        }
    }

    /// Failures that are not forgotten, and since when the next of them cools.
    private func known(
        _ subject: Subject, at now: Timestamp, in database: Database
    ) throws -> (failures: Int64, since: Timestamp) {
        let row = try database.row(
            sql: "SELECT failures, failed_at FROM login_failures WHERE subject = ?", arguments: [subject.digest])
        guard let row else { return (0, now) }
        let failures: Int64 = try row.read("failures")
        guard let cooling = subject.coolingSeconds else { return (failures, now) }
        let since: Timestamp = try row.read("failed_at")
        let cooled = max(now.seconds - since.seconds, 0) / cooling
        return cooled < failures ? (failures - cooled, since.adding(seconds: cooled * cooling)) : (0, now)
    }

    /// Takes back a failure that was noted of what then was not looked at. What others have done meanwhile stays, and so does the
    /// wait: it must not be worth anything to keep the server too busy to look.
    func takeBack(_ subjects: [Subject], in database: Database) throws {
        for subject in subjects {
            try database.execute(
                sql: "UPDATE login_failures SET failures = max(failures - 1, 0) WHERE subject = ?",
                arguments: [subject.digest])
        }
    }

    /// Forgets the failures with a user name, whose owner has come; of an address only this one.
    func forgive(_ subjects: [Subject], in database: Database) throws {
        for subject in subjects {
            switch subject {
            case .user, .codes:
                try database.execute(sql: "DELETE FROM login_failures WHERE subject = ?", arguments: [subject.digest])
            case .address:
                try database.execute(
                    sql:
                        "UPDATE login_failures SET failures = max(failures - 1, 0), blocked_until = 0 WHERE subject = ?",
                    arguments: [subject.digest])
            }
        }
    }
}
