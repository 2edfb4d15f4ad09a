public import JSON

/// One thing that is wrong with a request or an answer.
public struct Violation: Sendable, Hashable {
    /// Which part of the message it is in.
    public let location: Location
    /// The way to the value at fault; a missing or unknown member is named by its own key. For parameters the first
    /// step is the parameter's name.
    public let path: [JSONPathComponent]
    /// The keyword of the schema that is not met, such as `required` or `maxLength`.
    public let keyword: String
    /// What is wrong and what is expected, to be read after the path: "must be a string, got a number".
    public let message: String

    /// A part of an HTTP message.
    public enum Location: String, Sendable, Hashable {
        case body
        case path
        case query
        case header
        case cookie
    }

    /// One thing that is wrong.
    public init(location: Location, path: [JSONPathComponent], keyword: String, message: String) {
        self.location = location
        self.path = path
        self.keyword = keyword
        self.message = message
    }

    /// The path as people write it, such as `users[3].user_id`; empty for the whole body.
    public var field: String { JSONPathComponent.describe(path) }
}

extension Violation: CustomStringConvertible {
    /// A whole sentence: "users[3].user_id must be a string, got a number".
    public var description: String { "\(path.isEmpty ? "the \(location.rawValue)" : field) \(message)" }
}
