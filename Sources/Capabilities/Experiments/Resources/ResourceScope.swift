public import Identity
public import JSON

/// Where a request works, and who sent it.
public struct ResourceScope: Sendable {
    public let project: Project
    public let author: ChangeAuthor
    /// What may be done there; the server itself may do all.
    public let role: Role

    public init(project: Project, author: ChangeAuthor, role: Role) {
        self.project = project
        self.author = author
        self.role = role
    }

    /// - Throws: ``ExperimentsError/forbidden(_:)``.
    package func require(_ permission: Permission) throws {
        guard role.may(permission) else { throw ExperimentsError.forbidden(role.refusal(of: permission)) }
    }
}

/// Who changes something, as the change history tells it.
public struct ChangeAuthor: Sendable {
    /// How a change came in (contract schema `ChangeHistoryMethods`).
    public enum Method: String, Sendable, CaseIterable {
        case api
        case app
    }

    /// Name of the API key, or name or address of the user.
    public let name: String
    public let method: Method
    public let requestID: String?
    /// What made the server change it by itself; nil for a change that somebody asked for.
    public let cause: JSONValue?

    public init(name: String, method: Method, requestID: String?, cause: JSONValue? = nil) {
        self.name = name
        self.method = method
        self.requestID = requestID
        self.cause = cause
    }
}
