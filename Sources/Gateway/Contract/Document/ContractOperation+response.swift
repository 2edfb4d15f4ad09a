import JSON

extension ContractOperation {
    /// Checks an answer against the contract, for tests: its status, its media type and its body. Empty means valid.
    public func validateResponse(status: Int, mediaType: String?, body: [UInt8]) -> [Violation] {
        func violation(_ keyword: String, _ message: String) -> [Violation] {
            [Violation(location: .body, path: [], keyword: keyword, message: message)]
        }
        guard let response = response(for: status) else {
            return violation("responses", "has status \(status), which the contract does not list for \(operationId)")
        }
        guard !response.content.isEmpty else {
            return body.isEmpty ? [] : violation("content", "must be empty with status \(status)")
        }
        let type = MediaType.essence(of: mediaType ?? "")
        guard let media = response.content[type] ?? response.content["*/*"] else {
            let expected = response.content.keys.sorted().joined(separator: ", ")
            return violation(
                "content", "must be \(expected) with status \(status), got \(mediaType ?? "no media type")")
        }
        guard MediaType.isJSON(type) else { return [] }
        do throws(JSONError) {
            let document = try JSONDocument(parsing: body)
            return media.schema?.validate(document.root, as: .response) ?? []
        } catch {
            return violation("content", error.message)
        }
    }
}
