import Contract
import JSON

/// Some clients send what belongs into the query, `include` and `expand`, as JSON in the body of a GET.
extension RequestReader {
    private static let listNames = ["include", "expand"]

    /// Whether an operation that has no body of its own takes such lists.
    static func takesLists(_ operation: ContractOperation) -> Bool {
        operation.requestBody == nil
            && operation.parameters.contains { $0.location == .query && listNames.contains($0.name) }
    }

    /// What a body says in place of the query, as items of one; empty when it is no JSON object.
    /// - Throws: `APIError` 400 for JSON that is malformed.
    func listItems(
        _ received: BodyReader.Received, _ coding: ContentCoding, maximumBytes: Int
    ) async throws -> [(name: String, value: String)] {
        let bytes = try await bodies.unpack(received, from: coding, maximumBytes: maximumBytes)
        guard bytes.first(where: { !Self.blanks.contains($0) }) == UInt8(ascii: "{") else { return [] }
        let body = try Self.parse(bytes, schema: nil).root.value
        return Self.listNames.flatMap { name -> [(name: String, value: String)] in
            switch body[name] {
            case .array(let elements)?: elements.map { ("\(name)[]", $0.string ?? $0.encodedString) }
            case nil, .null?: []
            // Refused as the query's would be.
            case let other?: [(name, other.string ?? other.encodedString)]
            }
        }
    }

    private static let blanks = Set(" \t\r\n".utf8)
}
