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
    /// The caller's role is not enough for it.
    case forbidden(String)
    case invalid([Finding])

    /// One finding about one field.
    public static func invalid(_ field: String, _ message: String) -> ExperimentsError {
        .invalid([Finding(field: field, message: message)])
    }

    /// Runs a body about one part of something larger; what it finds invalid is told with the place of the part.
    package static func placing<Result>(in place: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch ExperimentsError.invalid(let findings) {
            throw ExperimentsError.invalid(
                findings.map { Finding(field: "\(place).\($0.field)", message: "\(place).\($0.message)") })
        }
    }

    public var description: String {
        switch self {
        case .notFound(let message), .conflict(let message), .forbidden(let message): message
        case .invalid(let findings): findings.map(\.message).joined(separator: " ")
        }
    }
}
