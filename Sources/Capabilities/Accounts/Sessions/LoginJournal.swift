import Identity
import Logging

/// Tells the operator, in the log, who has logged in, who has failed to, and what was changed about logins (OWASP ASVS 16.3.1).
///
/// Users are told by their numbers, as `sextant user list` shows them, and nothing is told of what was typed: people type passwords
/// where names belong. Attempts that are not looked at, since too many have failed, are left out: so whoever guesses fills no log
/// faster than they are let guess (``LoginThrottle``).
struct LoginJournal: Sendable {
    /// What somebody has shown at last.
    enum Factor: String, Sendable {
        case password
        case newPassword = "a new password"
        case app = "a code of the authenticator app"
        case backupCode = "a back-up code"
        case mailedCode = "a mailed code"
    }

    enum Event: Sendable {
        case loggedIn(Factor)
        case failed(Factor)
        case changed(String)

        fileprivate var message: Logger.Message {
            switch self {
            case .loggedIn: "somebody has logged in"
            case .failed: "a login has failed"
            case .changed(let what): "a login was changed: \(what)"
            }
        }

        fileprivate var factor: Factor? {
            switch self {
            case .loggedIn(let factor), .failed(let factor): factor
            case .changed: nil
            }
        }
    }

    private static let logger = Logger(label: "sextant")

    /// - Parameter userID: nil where the name is nobody's.
    func note(_ event: Event, _ userID: Int64?, from origin: LoginService.Origin) {
        var metadata: Logger.Metadata = [
            "user": userID.map { "\($0)" } ?? "nobody", "client": "\(origin.address ?? "unknown")",
            "request": "\(origin.requestID)",
        ]
        metadata["by"] = event.factor.map { "\($0.rawValue)" }
        Self.logger.notice(event.message, metadata: metadata)
    }

    /// Notes a login that has come to its end.
    func note(_ outcome: LoginService.Outcome, by factor: Factor, from origin: LoginService.Origin) {
        guard case .signedIn(_, let user) = outcome else { return }
        note(.loggedIn(factor), user.user.id, from: origin)
    }
}
