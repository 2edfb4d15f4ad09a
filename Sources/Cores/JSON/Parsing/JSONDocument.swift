public import CSimdjson

/// A parsed JSON document (RFC 8259): immutable, and the owner of the text and strings that its nodes look into.
///
/// ```swift
/// let document = try JSONDocument(parsing: body)
/// let name = document.root["event_name"]?.string
/// ```
///
/// Duplicate keys, lone surrogates, U+0000 and whatever exceeds the limits are refused; a leading byte order mark is
/// skipped. Parsing costs two allocations however large the document is.
public final class JSONDocument: Sendable {
    @usableFromInline nonisolated(unsafe) let nodes: UnsafePointer<csimdjson_node>
    @usableFromInline nonisolated(unsafe) let text: UnsafePointer<UInt8>
    private nonisolated(unsafe) let storage: UnsafeMutableRawPointer

    /// The number of values in the document, containers included.
    public let valueCount: Int

    /// Parses the bytes, which are copied and need not outlive the call.
    ///
    /// - Throws: ``JSONError`` with the place of the first thing that is wrong.
    public convenience init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONError) {
        self.init(owning: try ParsedBlock(parsing: bytes, limits: limits))
    }

    /// Parses the bytes.
    ///
    /// - Throws: ``JSONError`` with the place of the first thing that is wrong.
    public convenience init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        let outcome = bytes.withUnsafeBytes { ParsedBlock.result(parsing: $0, limits: limits) }
        self.init(owning: try outcome.get())
    }

    /// Parses the UTF-8 bytes of the text.
    ///
    /// - Throws: ``JSONError`` with the place of the first thing that is wrong.
    public convenience init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
        var text = text
        let outcome = text.withUTF8 { ParsedBlock.result(parsing: UnsafeRawBufferPointer($0), limits: limits) }
        self.init(owning: try outcome.get())
    }

    private init(owning block: ParsedBlock) {
        nodes = block.nodes
        text = block.text
        storage = block.storage
        valueCount = block.count
    }

    /// The outermost value.
    @inlinable public var root: JSONNode { JSONNode(document: self, index: 0) }

    deinit { csimdjson_release(storage) }
}
