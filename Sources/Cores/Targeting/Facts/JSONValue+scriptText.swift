import JSON
import Text

extension JSONValue {
    /// Arrays in arrays below this depth read as empty text, so that hostile input cannot exhaust the stack.
    private static let deepest = 64

    /// What `String(value)` gives in JavaScript.
    var scriptText: String { scriptText(depth: 0) }

    private func scriptText(depth: Int) -> String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer, .double, .number: ScriptText.decimal(double ?? .nan)
        case .string(let value): value
        case .array(let elements):
            depth == Self.deepest
                ? ""
                : elements.map { $0.isNull ? "" : $0.scriptText(depth: depth + 1) }.joined(separator: ",")
        case .object: "[object Object]"
        }
    }

    /// What `===` gives in JavaScript for two values of different origin: arrays and objects are never the same.
    func isIdentical(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let first), .bool(let second)): first == second
        case (.string(let first), .string(let second)): first.hasSameBytes(as: second)
        case (.integer, _), (.double, _), (.number, _): double == other.double
        default: false
        }
    }
}
