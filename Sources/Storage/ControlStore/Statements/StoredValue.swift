public import Foundation
public import Time

/// A value as the store holds it.
public enum SQLValue: Sendable, Equatable, CustomStringConvertible {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes(Data)

    public var description: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let text): text
        case .bytes(let data): "\(data.count) bytes"
        }
    }
}

/// What may be given to statements, and read from rows.
public protocol StoredValue {
    var sqlValue: SQLValue { get }

    /// Nil when the stored value is of another kind.
    init?(_ value: SQLValue)
}

extension SQLValue: StoredValue {
    public var sqlValue: SQLValue { self }

    public init?(_ value: SQLValue) {
        self = value
    }
}

extension Int64: StoredValue {
    public var sqlValue: SQLValue { .integer(self) }

    /// A whole number, also one that is written as a fraction.
    public init?(_ value: SQLValue) {
        switch value {
        case .integer(let number): self = number
        case .real(let number): self.init(exactly: number)
        case .null, .text, .bytes: return nil
        }
    }
}

extension Int: StoredValue {
    public var sqlValue: SQLValue { .integer(Int64(self)) }

    public init?(_ value: SQLValue) {
        guard let number = Int64(value) else { return nil }
        self.init(exactly: number)
    }
}

extension Double: StoredValue {
    public var sqlValue: SQLValue { .real(self) }

    public init?(_ value: SQLValue) {
        switch value {
        case .integer(let number): self.init(number)
        case .real(let number): self = number
        case .null, .text, .bytes: return nil
        }
    }
}

extension Bool: StoredValue {
    public var sqlValue: SQLValue { .integer(self ? 1 : 0) }

    /// Any number but 0 is true.
    public init?(_ value: SQLValue) {
        guard let number = Double(value) else { return nil }
        self = number != 0
    }
}

extension String: StoredValue {
    public var sqlValue: SQLValue { .text(self) }

    public init?(_ value: SQLValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension Data: StoredValue {
    public var sqlValue: SQLValue { .bytes(self) }

    /// Text is taken as its bytes.
    public init?(_ value: SQLValue) {
        switch value {
        case .bytes(let data): self = data
        case .text(let text): self.init(text.utf8)
        case .null, .integer, .real: return nil
        }
    }
}

extension Array: StoredValue where Element == UInt8 {
    public var sqlValue: SQLValue { .bytes(Data(self)) }

    public init?(_ value: SQLValue) {
        guard let data = Data(value) else { return nil }
        self.init(data)
    }
}

extension Optional: StoredValue where Wrapped: StoredValue {
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }

    public init?(_ value: SQLValue) {
        if case .null = value {
            self = .none
        } else {
            guard let wrapped = Wrapped(value) else { return nil }
            self = wrapped
        }
    }
}

/// Times are stored as integers: microseconds since the Unix epoch, UTC.
extension Timestamp: StoredValue {
    public var sqlValue: SQLValue { .integer(microseconds) }

    public init?(_ value: SQLValue) {
        guard let microseconds = Int64(value) else { return nil }
        self.init(microseconds: microseconds)
    }
}
