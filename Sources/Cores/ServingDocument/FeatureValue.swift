public import JSON

/// Values of a feature's variables: as clients of the management interface write them, and as SDKs get them.
public enum FeatureValue {
    /// The most bytes of one value as JSON: a default value is served with every variation that does not set its own.
    public static let maximumBytes = 64 * 1_024
    /// The most levels of one value: in a config it stands under nine more, and readers of JSON go down 64.
    public static let maximumDepth = 50

    /// How many arrays and objects of a value are in one another.
    public static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.lazy.map(depth).max() ?? 0)
        case .object(let members): 1 + (members.lazy.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }

    /// The value that is meant; nil when it is none of the type.
    ///
    /// Of the types boolean, integer and float also as text, since that is how the vendor's own projects hold them. Of
    /// the type json as the value itself, or as JSON in a text; so a value that is a text is written as JSON.
    /// - Parameter type: boolean, integer, float, json or string.
    public static func read(_ value: JSONValue, type: String) -> JSONValue? {
        switch type {
        case "json":
            guard let text = value.string else { return value }
            return try? JSONValue(parsing: text)
        case "integer":
            guard let number = number(value), number.int64 != nil else { return nil }
            return number
        case "float":
            guard let number = number(value), number.double != nil else { return nil }
            return number
        case "boolean":
            switch value {
            case .bool: return value
            case .string("true"): return true
            case .string("false"): return false
            default: return nil
            }
        default:
            guard value.string != nil else { return nil }
            return value
        }
    }

    /// The value as it is served.
    ///
    /// Objects and lists of the type json are served as such. Every SDK reads the rest of JSON out of a text only: to
    /// some a text that is no JSON is the value, and a number no text at all.
    static func served(_ value: JSONValue, type: String) -> JSONValue {
        guard let meant = read(value, type: type) else { return value }
        guard type == "json" else { return meant }
        return meant.object != nil || meant.array != nil ? meant : .string(meant.encodedString)
    }

    private static func number(_ value: JSONValue) -> JSONValue? {
        guard let text = value.string else { return value }
        return try? JSONValue(parsing: text)
    }
}
