import Jobs
public import Notices

/// What somebody wants to have besides: whoever runs the server is told of it by mail, and sees to it.
public struct AddonRequests: Sendable {
    /// So many mails may wait to be sent.
    private static let mostWaiting = 100

    private let box: LetterBox
    private let recipient: String?

    /// - Parameter recipient: the address of whoever runs the server; nil where none is set, and everything is refused then.
    public init(_ box: LetterBox, recipient: String?) {
        self.box = box
        self.recipient = recipient
    }

    /// Has the operator told.
    /// - Parameters:
    ///   - account: whose wish it is.
    ///   - author: who says so.
    /// - Throws: ``AddonRequestError``, or `JobError` when too many mails wait.
    public func send(_ addon: Addon, of account: (id: Int64, name: String), author: String) async throws {
        guard let recipient else { throw AddonRequestError.notConfigured }
        let letter = AddonRequestLetter(
            addon: addon.name, accountID: account.id, account: account.name, author: author,
            collaborator: addon.collaboratorName, email: addon.collaboratorEmail, server: box.publicURL)
        try await box.post(letter, to: recipient, environmentID: nil, holder: .server, mostWaiting: Self.mostWaiting)
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
