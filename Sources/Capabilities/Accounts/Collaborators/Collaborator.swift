package import ControlStore
public import Identity

/// Somebody who works in an account, or is asked to.
public struct Collaborator: Sendable, Equatable {
    /// Whether it is one yet.
    public enum State: Sendable, Equatable {
        case active(userID: Int64)
        /// Asked, and has not answered.
        case pending(invitationID: Int64)
    }

    public let state: State
    public let email: String
    public let firstName: String
    public let lastName: String
    /// In the account; of somebody who is only asked, what they will be.
    public let accesses: Accesses

    /// Nil for somebody who is only asked.
    public var userID: Int64? {
        if case .active(let id) = state { return id }
        return nil
    }

    func with(_ accesses: Accesses) -> Collaborator {
        Collaborator(state: state, email: email, firstName: firstName, lastName: lastName, accesses: accesses)
    }
}

/// How somebody is named who is to be changed.
public enum CollaboratorName: Sendable, Equatable {
    case user(Int64)
    /// Of somebody who is asked, or else of somebody who works in the account. In any case of ASCII letters.
    case email(String)

    /// The member of a request that it stands in.
    var field: String {
        switch self {
        case .user: "user_id"
        case .email: "email"
        }
    }
}

/// Notes a change of a collaborator in the history, in the transaction that makes the change.
public struct CollaboratorNote: Sendable {
    /// Gets the collaborator before and after; nil when it is none.
    package typealias Write =
        @Sendable (_ accountID: Int64, _ old: Collaborator?, _ new: Collaborator?, Database) throws -> Void

    let write: Write

    package init(_ write: @escaping Write) {
        self.write = write
    }
}
