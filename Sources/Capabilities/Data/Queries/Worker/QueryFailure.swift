import DuckDB
import JSON

/// Why a query has no result, as its process tells it.
enum QueryFailure: Error {
    case query(QueryError)
    /// The same, where what the files hold may be to blame: an engine does not say which it is.
    case doubtful(QueryError)
    /// Files could not be read or written: not the query's doing.
    case files(reason: String)

    init(_ error: any Error) {
        switch error {
        case let error as QueryError: self = .query(error)
        case let error as DuckDBError: self = Self.translated(error)
        default: self = .files(reason: "\(error)")
        }
    }

    /// What an error of the engine means to who asked.
    private static func translated(_ error: DuckDBError) -> QueryFailure {
        switch error.kind {
        case .outOfMemory: .query(.outOfMemory)
        case .parser, .binder, .catalog, .conversion, .outOfRange, .notImplemented, .constraint, .permission,
            .missingExtension:
            .query(.invalid(error.message))
        case .invalidInput, .misuse, .other: .doubtful(.invalid(error.message))
        case .internal, .fatal, .interrupted, .transaction:
            // The rest is a list of addresses.
            .doubtful(.engineFailed(reason: String(error.message.prefix { $0 != "\n" }.prefix(300))))
        case .io: .files(reason: error.message)
        }
    }

    var encoded: [UInt8] {
        let value: JSONValue =
            switch self {
            case .query(let error): Self.described(error, isDoubtful: false)
            case .doubtful(let error): Self.described(error, isDoubtful: true)
            case .files(let reason): ["kind": "files", "text": .string(Self.cut(reason))]
            }
        return value.encoded()
    }

    private static func described(_ error: QueryError, isDoubtful: Bool) -> JSONValue {
        let isDoubtful = JSONValue.bool(isDoubtful)
        return switch error {
        case .refused(let text): ["kind": "refused", "text": .string(cut(text)), "doubtful": isDoubtful]
        case .invalid(let text): ["kind": "invalid", "text": .string(cut(text)), "doubtful": isDoubtful]
        case .outOfMemory: ["kind": "memory", "doubtful": isDoubtful]
        case .tooLarge(let bytes): ["kind": "large", "bytes": .integer(Int64(bytes)), "doubtful": isDoubtful]
        default: ["kind": "engine", "text": .string(cut(error.reason)), "doubtful": isDoubtful]
        }
    }

    /// Reads what the process says; nil when that is nothing.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let kind = value["kind"]?.string else { return nil }
        let text = value["text"]?.string ?? ""
        let error: QueryError
        switch kind {
        case "refused": error = .refused(text)
        case "invalid": error = .invalid(text)
        case "memory": error = .outOfMemory
        case "large": error = .tooLarge(limitBytes: Int(value["bytes"]?.int64 ?? 0))
        case "engine": error = .engineFailed(reason: text)
        case "files":
            self = .files(reason: text)
            return
        default: return nil
        }
        self = value["doubtful"]?.bool == true ? .doubtful(error) : .query(error)
    }

    /// Messages repeat what was written, which may be long.
    private static func cut(_ text: String) -> String {
        text.utf8.count <= 10_000 ? text : String(decoding: text.utf8.prefix(10_000), as: UTF8.self) + "..."
    }
}

extension QueryError {
    fileprivate var reason: String {
        if case .engineFailed(let reason) = self { reason } else { description }
    }
}
