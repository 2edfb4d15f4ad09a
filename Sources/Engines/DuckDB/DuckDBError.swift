/// What the engine refused, or a use of this module that it cannot serve.
public struct DuckDBError: Error, Sendable, Equatable {
    /// The family of the failure.
    public let kind: Kind
    /// The engine's own message, with the place in the SQL when it is known.
    public let message: String

    /// Makes an error; the engine's own are made by this module.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension DuckDBError {
    /// Whether the database may have been given up by the engine: such an error, or any that says so. Only asking it
    /// something tells.
    public var mayEndDatabase: Bool {
        kind == .fatal || kind == .internal || message.contains("has been invalidated")
            || message.contains("to recover.")
    }
}

extension DuckDBError: CustomStringConvertible {
    public var description: String { message }
}
