/// Why a change or a lookup of a project's resources was refused.
public enum ExperimentsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One member that is wrong, and how to put it right.
    public struct Finding: Sendable, Equatable {
        public let field: String
        public let message: String

        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    case notFound(String)
    case conflict(String)
    case invalid([Finding])

    static func invalid(_ field: String, _ message: String) -> ExperimentsError {
        .invalid([Finding(field: field, message: message)])
    }

    public var description: String {
        switch self {
        case .notFound(let message), .conflict(let message): message
        case .invalid(let findings): findings.map(\.message).joined(separator: " ")
        }
    }
}
