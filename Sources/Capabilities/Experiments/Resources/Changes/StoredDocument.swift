package import JSON

/// Documents grow as changes are merged into them, whatever one request may hold: they have a limit of their own.
package enum StoredDocument {
    /// Bytes of one document as JSON: more than any one request brings.
    static let maximumBytes = 16 * 1_048_576

    /// A document as it is stored.
    /// - Throws: ``ExperimentsError`` naming the largest member when the document has outgrown the limit.
    package static func text(_ document: JSONValue) throws(ExperimentsError) -> String {
        let text = document.encodedString
        guard text.utf8.count > maximumBytes else { return text }
        let sizes = (document.object ?? JSONObject()).members.map { ($0.key, $0.value.encodedString.utf8.count) }
        let largest = sizes.max { $0.1 < $1.1 }?.0 ?? ""
        throw .invalid(
            largest,
            "\(largest): with this change all together would be \(text.utf8.count) bytes of JSON; at most \(maximumBytes) are stored. Make it smaller."
        )
    }

    /// The same for the members of an object.
    package static func text(_ members: JSONObject) throws(ExperimentsError) -> String { try text(.object(members)) }
}
