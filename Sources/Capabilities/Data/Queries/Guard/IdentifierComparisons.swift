import EventStore
import JSON
import Text

/// Lets ids be compared with texts that are none.
///
/// The engine takes a text that a column of ids is compared with for an id, and fails where it is none, though all that
/// follows from it is that the two differ. Such comparisons are turned into ones of texts, by the names of the columns; all others stay as they
/// are, so that an id is still looked for as one.
struct IdentifierComparisons {
    /// Columns by name, in lower case.
    private static let identifiers = names { $0 == "UUID" }
    private static let texts = names { $0 == "VARCHAR" }
    /// Functions whose values are texts, whatever they are given.
    private static let textFunctions: Set<ClientText> = [
        "->>", "json_extract_string", "lower", "upper", "trim", "substring", "substr", "concat", "||", "split_part",
        "regexp_extract", "replace",
    ]

    private static func names(_ isMeant: (String) -> Bool) -> Set<ClientText> {
        Set(ShownTable.all.flatMap(\.columns).filter { isMeant($0.type) }.map { ClientText($0.name.asciiLowercased) })
    }

    /// Whether anything was turned.
    private(set) var hasChanged = false

    /// A part of a checked tree, with such comparisons turned.
    mutating func rewrite(_ node: JSONValue) -> JSONValue {
        switch node {
        case .array(let elements): return .array(elements.map { rewrite($0) })
        case .object(var members):
            for (key, value) in members { members[key] = rewrite(value) }
            switch members["class"]?.string {
            case "COMPARISON": compare(["left", "right"], of: &members)
            case "BETWEEN": compare(["input", "lower", "upper"], of: &members)
            case "OPERATOR": compareWithList(&members)
            case "SUBQUERY": compareWithQuery(&members)
            default: break
            }
            return .object(members)
        default: return node
        }
    }

    private mutating func compare(_ keys: [String], of members: inout JSONObject) {
        let turned = self.turned(keys.map { members[$0] ?? .null })
        for (key, side) in zip(keys, turned ?? []) { members[key] = side }
    }

    private mutating func compareWithList(_ members: inout JSONObject) {
        guard ["COMPARE_IN", "COMPARE_NOT_IN"].contains(members["type"]?.string ?? ""),
            let turned = turned(members["children"]?.array ?? [])
        else { return }
        members["children"] = .array(turned)
    }

    /// What a query brings is known to be text only where it is a column.
    private mutating func compareWithQuery(_ members: inout JSONObject) {
        guard let child = members["child"], Self.isColumn(child, of: Self.identifiers),
            let selected = members["subquery"]?["node"]?["select_list"]?.array, selected.count == 1,
            Self.isText(selected[0])
        else { return }
        members["child"] = Self.asText(child)
        hasChanged = true
    }

    /// The sides of a comparison as texts; nil where they are to stay.
    private mutating func turned(_ sides: [JSONValue]) -> [JSONValue]? {
        var isNeeded = false
        for side in sides where !Self.isColumn(side, of: Self.identifiers) {
            if let text = Self.literal(side) {
                if Self.identifier(text) == nil { isNeeded = true }
            } else if Self.isText(side) {
                isNeeded = true
            } else if !Self.isNull(side) {
                return nil
            }
        }
        guard isNeeded, sides.contains(where: { Self.isColumn($0, of: Self.identifiers) }) else { return nil }
        hasChanged = true
        return sides.map { side in
            if Self.isColumn(side, of: Self.identifiers) { return Self.asText(side) }
            guard let identifier = Self.literal(side).flatMap(Self.identifier) else { return side }
            // The engine takes ids in several forms, and shows them in one.
            var side = side
            side["value"]?["value"] = .string(identifier)
            return side
        }
    }

    private static func isColumn(_ node: JSONValue, of names: Set<ClientText>) -> Bool {
        guard node["class"]?.string == "COLUMN_REF", let name = node["column_names"]?.array?.last?.string else {
            return false
        }
        return names.contains(ClientText(name.asciiLowercased))
    }

    private static func isText(_ node: JSONValue) -> Bool {
        switch node["class"]?.string {
        case "COLUMN_REF": isColumn(node, of: texts)
        case "CAST": node["cast_type"]?["id"]?.string == "VARCHAR"
        case "FUNCTION": textFunctions.contains(ClientText(node["function_name"]?.string?.asciiLowercased ?? ""))
        default: false
        }
    }

    private static func isNull(_ node: JSONValue) -> Bool {
        node["class"]?.string == "CONSTANT" && node["value"]?["is_null"]?.bool == true
    }

    private static func literal(_ node: JSONValue) -> String? {
        guard node["class"]?.string == "CONSTANT", node["value"]?["type"]?["id"]?.string == "VARCHAR" else {
            return nil
        }
        return node["value"]?["value"]?.string
    }

    /// The id that a text is, as the engine shows it; nil for a text that is none.
    private static func identifier(_ text: String) -> String? {
        var bytes = text.utf8[...]
        if bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") { bytes = bytes.dropFirst().dropLast() }
        let digits = bytes.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32, let value = UInt128(String(decoding: digits, as: UTF8.self), radix: 16),
            digits.first != UInt8(ascii: "+")
        else { return nil }
        let hexadecimal = Array(String(value, radix: 16).utf8)
        let padded = Array(repeating: UInt8(ascii: "0"), count: 32 - hexadecimal.count) + hexadecimal
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(decoding: padded[$0], as: UTF8.self) }.joined(separator: "-")
    }

    private static func asText(_ node: JSONValue) -> JSONValue {
        [
            "class": "CAST", "type": "OPERATOR_CAST", "alias": "", "query_location": node["query_location"] ?? 0,
            "child": node, "cast_type": ["id": "VARCHAR", "type_info": .null], "try_cast": false,
        ]
    }
}
