public import Time

/// A tenant: the owner of projects, users and keys.
public struct Account: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let name: String
    public let createdAt: Timestamp
}

/// What a project is for.
public enum ProjectType: String, Sendable, CaseIterable {
    /// A web site or web application.
    case web
    /// Servers and mobile applications.
    case fullstack
}

/// The unit of data, configuration and keys inside an account.
public struct Project: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let accountID: Int64
    public let name: String
    public let type: ProjectType
    public let createdAt: Timestamp

    package init(id: Int64, accountID: Int64, name: String, type: ProjectType, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.type = type
        self.createdAt = createdAt
    }
}

/// A stream of events inside a project, such as production or staging. No data ever crosses from one to another.
public struct ProjectEnvironment: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let projectID: Int64
    /// `NX-` and eight hexadecimal digits: public, and part of every exported row.
    public let appToken: String
    public let name: String
    /// The one that keys of the whole project work in.
    public let isDefault: Bool
    public let createdAt: Timestamp
    /// What people call it; nil for a name made of its own.
    package var label: String?
    /// Code that pages run in this environment.
    package var javaScript: String?
}
