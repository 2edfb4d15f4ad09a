import Text

/// One step of the way from the root of a document to a value.
public enum JSONPathComponent: Sendable {
    /// Into the member of an object.
    case key(String)
    /// Into the element of an array, counted from 0.
    case index(Int)

    /// A path as people write it: `users[3].user_id`, with quotes where a key would be ambiguous: `traits["a.b"]`.
    /// The empty path is the empty string. Keys of more than 80 characters are cut.
    public static func describe(_ path: some Sequence<JSONPathComponent>) -> String {
        var text = ""
        for component in path {
            switch component {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where isPlain(key): text += text.isEmpty ? key : ".\(key)"
            case .key(let key):
                let cut = key.unicodeScalars.count > 80 ? String(key.unicodeScalars.prefix(80)) + "…" : key
                text += "[\(JSONValue.string(cut).encodedString)]"
            }
        }
        return text
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= 80
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension JSONPathComponent: Hashable {
    /// Whether both steps lead to the same place; keys go by their bytes.
    public static func == (first: JSONPathComponent, second: JSONPathComponent) -> Bool {
        switch (first, second) {
        case (.key(let first), .key(let second)): first.hasSameBytes(as: second)
        case (.index(let first), .index(let second)): first == second
        default: false
        }
    }

    /// Feeds the step to the hasher.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .key(let key): hasher.combine(ClientText(key))
        case .index(let index): hasher.combine(index)
        }
    }
}
