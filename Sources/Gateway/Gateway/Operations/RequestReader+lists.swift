import Contract
import JSON

/// Some clients send what belongs into the query, `include` and `expand`, as JSON in the body of a GET.
extension RequestReader {
    private static let listNames = ["include", "expand"]
    /// The largest body that holds nothing but such lists, unpacked: so little is read where the request is.
    static let maximumListBytes = 64 * 1_024
    /// The most elements of a list; no contract has as many names.
    private static let maximumElements = 100

    /// Whether an operation that has no body of its own takes such lists.
    static func takesLists(_ operation: ContractOperation) -> Bool {
        operation.requestBody == nil
            && operation.parameters.contains { $0.location == .query && listNames.contains($0.name) }
    }

    /// What a body says in place of the query, as items of one; empty when it is no JSON object.
    /// - Throws: `APIError` 400 for JSON that is malformed, or a list that is too long; 413, 429.
    func listItems(
        _ received: BodyReader.Received, _ coding: ContentCoding
    ) async throws -> [(name: String, value: String)] {
        let bytes = try await bodies.unpack(received, from: coding, maximumBytes: Self.maximumListBytes)
        guard bytes.first(where: { !Self.blanks.contains($0) }) == UInt8(ascii: "{") else { return [] }
        try Self.weigh(bytes, "application/json", valueBytes: BodyWeight.madeValueBytes, received.lease)
        let body = try Self.parse(bytes, schema: nil).root.value
        var items: [(name: String, value: String)] = []
        for name in Self.listNames {
            switch body[name] {
            case .array(let elements)?:
                guard elements.count <= Self.maximumElements else {
                    throw APIError.invalid(name, "\(name) may have at most \(Self.maximumElements) elements.")
                }
                items += elements.map { ("\(name)[]", $0.string ?? $0.encodedString) }
            case nil, .null?: break
            // Refused as the query's would be.
            case let other?: items.append((name, other.string ?? other.encodedString))
            }
        }
        return items
    }

    private static let blanks = Set(" \t\r\n".utf8)
}
