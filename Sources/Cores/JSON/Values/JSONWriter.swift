/// Writes JSON straight into bytes, placing commas and colons itself.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.key("event")
/// writer.string("purchase")
/// writer.endObject()
/// ```
///
/// The caller balances the brackets and puts a key before every member; nothing checks it.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8]

    private var needsComma = false

    /// A writer whose buffer has room for `capacity` bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what was written but keeps the room.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Gives what was written since the last time, so that a long document can be handed on piece by piece while it is
    /// written; what comes next goes on where it was.
    public mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the key of the member whose value is written next.
    public mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes the key of the member whose value is written next, from unescaped UTF-8.
    public mutating func key(utf8 key: UnsafeBufferPointer<UInt8>) {
        string(utf8: key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ value: String) {
        separate()
        JSONEscaping.append(value, to: &bytes)
    }

    /// Writes a string from unescaped UTF-8, which must be well-formed.
    public mutating func string(utf8 value: UnsafeBufferPointer<UInt8>) {
        separate()
        JSONEscaping.append(value, to: &bytes)
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        separate()
        bytes.append(decimal: value)
    }

    /// Writes an integer.
    public mutating func integer(_ value: UInt64) {
        separate()
        if let signed = Int64(exactly: value) {
            bytes.append(decimal: signed)
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    /// Writes the shortest numeral that reads back as the same double; infinities and NaN, which JSON lacks, as null.
    public mutating func double(_ value: Double) {
        separate()
        bytes.append(contentsOf: value.isFinite ? value.description.utf8 : "null".utf8)
    }

    /// Writes a boolean.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    /// Writes null.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes bytes that are a JSON value already.
    public mutating func raw(_ value: [UInt8]) {
        separate()
        bytes.append(contentsOf: value)
    }

    /// Writes bytes that are a JSON value already.
    public mutating func raw(_ value: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    /// Writes a parsed value exactly as it stood in its source.
    public mutating func node(_ node: JSONNode) {
        separate()
        node.withRawText { bytes.append(contentsOf: $0) }
    }

    /// Writes a value with all that is within it.
    public mutating func value(_ value: JSONValue) {
        separate()
        value.encode(into: &bytes)
    }

    /// Ends a line of NDJSON; the next value starts afresh.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}
