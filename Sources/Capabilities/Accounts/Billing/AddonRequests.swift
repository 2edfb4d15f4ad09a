import ControlStore
import Identity
public import Jobs
import Notices

/// What somebody wants to have besides: whoever runs the server is told of it by mail, and sees to it.
public struct AddonRequests: Sendable {
    /// So many mails may wait to be sent.
    private static let mostWaiting = 100

    private let jobs: JobStore
    private let recipient: String?

    /// - Parameter recipient: the address of whoever runs the server; nil where none is set, and everything is refused then.
    public init(jobs: JobStore, recipient: String?) {
        self.jobs = jobs
        self.recipient = recipient
    }

    /// Has the operator told.
    /// - Parameters:
    ///   - account: whose wish it is.
    ///   - author: who says so.
    /// - Throws: ``AddonRequestError``, or `JobError` when too many mails wait.
    public func send(_ addon: Addon, of account: (id: Int64, name: String), author: String) async throws {
        guard let recipient else { throw AddonRequestError.notConfigured }
        try await jobs.enqueue(
            NewJob(
                kind: MailJobHandler.kind, environmentID: nil, holder: .server,
                payload: MailOrder(
                    to: recipient, subject: "Sextant: account \(account.id) asks for an add-on",
                    text: Self.text(addon, account, author)),
                mostWaiting: Self.mostWaiting))
    }

    private static func text(_ addon: Addon, _ account: (id: Int64, name: String), _ author: String) -> String {
        var lines = [
            "Somebody asks for an add-on.", "",
            "Add-on:  \(oneLine(addon.name))", "Account: \(account.id), \(oneLine(account.name))",
            "By:      \(oneLine(author))",
        ]
        if let name = addon.collaboratorName { lines.append("For:     \(oneLine(name))") }
        if let email = addon.collaboratorEmail { lines.append("Address: \(oneLine(email))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What clients send makes no lines of its own.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let breaks: [UnicodeScalar] = ["\u{2028}", "\u{2029}"]
            let isBreak = scalar.properties.generalCategory == .control || breaks.contains(scalar)
            line.append(isBreak ? " " : scalar)
        }
        return String(line)
    }
}

/// What is asked for.
public struct Addon: Sendable, Equatable {
    /// As the contract names it.
    public let name: String
    /// Whom it is for, where it is for somebody.
    public let collaboratorName: String?
    public let collaboratorEmail: String?

    public init(name: String, collaboratorName: String?, collaboratorEmail: String?) {
        self.name = name
        self.collaboratorName = collaboratorName
        self.collaboratorEmail = collaboratorEmail
    }
}

/// Why nobody is told.
public enum AddonRequestError: Error, Sendable, Equatable {
    /// The operator has set no address.
    case notConfigured
}
