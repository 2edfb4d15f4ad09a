import DuckDB
import JSON

/// Why a query has no result, as its process tells it.
enum QueryFailure: Error {
    case query(QueryError)
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
        case .parser, .binder, .catalog, .conversion, .outOfRange, .invalidInput, .notImplemented, .constraint,
            .permission, .missingExtension, .misuse, .other:
            .query(.invalid(error.message))
        case .internal, .fatal, .interrupted, .transaction:
            // The rest is a list of addresses.
            .query(.engineFailed(reason: String(error.message.prefix { $0 != "\n" }.prefix(300))))
        case .io: .files(reason: error.message)
        }
    }

    var encoded: [UInt8] {
        let value: JSONValue =
            switch self {
            case .query(.refused(let text)): ["kind": "refused", "text": .string(Self.cut(text))]
            case .query(.invalid(let text)): ["kind": "invalid", "text": .string(Self.cut(text))]
            case .query(.outOfMemory): ["kind": "memory"]
            case .query(.tooLarge(let bytes)): ["kind": "large", "bytes": .integer(Int64(bytes))]
            case .query(let error): ["kind": "engine", "text": .string(Self.cut("\(error.reason)"))]
            case .files(let reason): ["kind": "files", "text": .string(Self.cut(reason))]
            }
        return value.encoded()
    }

    /// Reads what the process says; nil when that is nothing.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let kind = value["kind"]?.string else { return nil }
        let text = value["text"]?.string ?? ""
        switch kind {
        case "refused": self = .query(.refused(text))
        case "invalid": self = .query(.invalid(text))
        case "memory": self = .query(.outOfMemory)
        case "large": self = .query(.tooLarge(limitBytes: Int(value["bytes"]?.int64 ?? 0)))
        case "engine": self = .query(.engineFailed(reason: text))
        case "files": self = .files(reason: text)
        default: return nil
        }
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
