package import EventStore
package import JSON

/// Texts of an event, checked and copied into a batch.
package enum EventText {
    /// The text of a member that must be a string of 1 to `limits.idLength` characters.
    package static func text(_ node: JSONNode, _ field: StaticString, _ limits: IngestionLimits) throws(EventRejection)
        -> String
    {
        try check(node, field, minimum: 1, maximum: limits.idLength)
        return node.string ?? ""
    }

    /// Copies such a text into the batch without making a string of it.
    package static func copy(
        _ node: JSONNode, _ field: StaticString, to column: EventField, in builder: inout EventBatchBuilder,
        _ limits: IngestionLimits
    ) throws(EventRejection) {
        try check(node, field, minimum: 1, maximum: limits.idLength)
        node.withUTF8 { builder.set(column, to: $0) }
    }

    /// Copies a text that may be empty (which counts as absent) and up to `maximum` characters long.
    package static func copyOptional(
        _ node: JSONNode?, _ field: StaticString, to column: EventField, in builder: inout EventBatchBuilder,
        maximum: Int
    ) throws(EventRejection) {
        guard let node else { return }
        try check(node, field, minimum: 0, maximum: maximum)
        node.withUTF8 { if !$0.isEmpty { builder.set(column, to: $0) } }
    }

    private static func check(
        _ node: JSONNode, _ field: StaticString, minimum: Int, maximum: Int
    ) throws(EventRejection) {
        guard node.kind == .string else {
            throw EventRejection(.wrongType, field: "\(field)", "\(field) must be a string, got \(node.kind.phrase).")
        }
        let byteCount = node.withUTF8 { $0.count }
        guard byteCount >= minimum else {
            throw EventRejection(.emptyValue, field: "\(field)", "\(field) must not be empty.")
        }
        // A text has at most as many characters as bytes.
        if byteCount > maximum, let count = node.string?.unicodeScalars.count, count > maximum {
            throw EventRejection(
                .tooLong, field: "\(field)", "\(field) has \(count) characters; at most \(maximum) are allowed.")
        }
    }
}
