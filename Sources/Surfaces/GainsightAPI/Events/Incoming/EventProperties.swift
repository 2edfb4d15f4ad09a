import EventStore
import Events
import JSON

/// Properties that are put together here, on their way into a batch.
struct EventProperties {
    private let object: JSONObject
    private let field: StaticString

    /// - Parameter field: what they are called in messages.
    init(_ object: JSONObject, field: StaticString) {
        self.object = object
        self.field = field
    }

    func set(
        in builder: inout EventBatchBuilder, _ limits: IngestionLimits, maximumBytes: Int?
    ) throws(EventRejection) {
        let bytes = JSONValue.object(object).encoded()
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: bytes)
        } catch {
            throw EventRejection(.malformed, field: "\(field)", error.message)
        }
        let shape = try PropertiesCheck.shape(
            of: document.root, limits: limits, maximumBytes: maximumBytes, field: field)
        builder.setPropertyShape(shape)
        bytes.withUnsafeBufferPointer { builder.set(.properties, to: $0) }
    }
}
