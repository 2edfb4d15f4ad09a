/// A JSON value on its own, to build, keep and change. Reading large input is the business of ``JSONDocument``.
///
/// ```swift
/// let answer: JSONValue = ["code": 404, "message": "no such user", "fields": ["user_id"]]
/// let bytes = answer.encoded()
/// ```
public indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// A number with fraction or exponent that a double holds without loss.
    case double(Double)
    /// The text of a number that neither `Int64` nor `Double` holds exactly, such as `123456789012345678901`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Parses a document into a value.
    ///
    /// - Throws: ``JSONError`` with the place of the first thing that is wrong.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self = try JSONDocument(parsing: bytes, limits: limits).root.value
    }

    /// Parses a document into a value.
    ///
    /// - Throws: ``JSONError`` with the place of the first thing that is wrong.
    public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
        self = try JSONDocument(parsing: text, limits: limits).root.value
    }
}

extension JSONValue {
    /// Whether the value is null.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a boolean.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value of a number without fractional part that fits 64 bits.
    public var int64: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(integral: value)
        default: nil
        }
    }

    /// The value of any number, rounded to the nearest double.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .number(let text): Double(text)
        default: nil
        }
    }

    /// The value of a string.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements of an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The value of a member of an object. Setting turns anything else into an object; setting nil removes.
    public subscript(key: String) -> JSONValue? {
        get { object?[key] }
        set {
            var members = object ?? JSONObject()
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An element of an array, counted from 0; nil past the end and for other kinds.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}
