import Foundation
import JSON

/// What an address has besides host and path.
struct PageParts {
    let scheme: String
    /// Without the question mark.
    let query: String
    /// Without the number sign.
    let fragment: String

    init(_ address: String) {
        let bytes = address.utf8
        let number = bytes.firstIndex(of: UInt8(ascii: "#")) ?? bytes.endIndex
        fragment = String(Substring(bytes[number...].dropFirst()))
        let question = bytes[..<number].firstIndex(of: UInt8(ascii: "?")) ?? number
        query = String(Substring(bytes[question..<number].dropFirst()))
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        scheme = colon.map { String(Substring(bytes[..<$0])).lowercased() } ?? ""
    }

    /// The parameters of the query, each with all its values.
    var parameters: JSONValue {
        var values = JSONObject()
        for item in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            let (name, value) = (Self.decoded(parts[0]), Self.decoded(parts.count > 1 ? parts[1] : ""))
            values[name] = .array((values[name]?.array ?? []) + [.string(value)])
        }
        return .object(values)
    }

    private static func decoded(_ text: String) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? text
    }
}
