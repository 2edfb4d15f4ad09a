public import CSimdjson

/// One value of a document: a reference to the document and a place in it. Cheap to copy; keeps the document alive.
public struct JSONNode: Sendable {
    /// The document the value stands in.
    public let document: JSONDocument

    @usableFromInline let index: Int

    @inlinable init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    @inlinable var pointer: UnsafePointer<csimdjson_node> { document.nodes + index }
    @inlinable var low: Int { Int(UInt32(truncatingIfNeeded: pointer.pointee.payload)) }
    @inlinable var high: Int { Int(pointer.pointee.payload >> 32) }

    /// The index of the value that follows this one and all within it.
    @inlinable var nextIndex: Int { pointer.pointee.kind >= 7 ? high : index + 1 }

    /// What the value is.
    @inlinable public var kind: JSONKind {
        switch pointer.pointee.kind {
        case 0: .null
        case 1, 2: .boolean
        case 3: .integer
        case 4: .unsigned
        case 5: .double
        case 6: .string
        case 7: .array
        default: .object
        }
    }

    /// Whether the value is null.
    @inlinable public var isNull: Bool { pointer.pointee.kind == 0 }

    /// The value of a boolean.
    @inlinable public var bool: Bool? {
        switch pointer.pointee.kind {
        case 1: false
        case 2: true
        default: nil
        }
    }

    /// The value of a number without fractional part that fits 64 bits, however it was written: `3`, `3.0`, `3e0`.
    @inlinable public var int64: Int64? {
        switch pointer.pointee.kind {
        case 3: Int64(bitPattern: pointer.pointee.payload)
        case 5: Int64(integral: Double(bitPattern: pointer.pointee.payload))
        default: nil
        }
    }

    /// The value of any number, rounded to the nearest double.
    @inlinable public var double: Double? {
        switch pointer.pointee.kind {
        case 3: Double(Int64(bitPattern: pointer.pointee.payload))
        case 4: Double(pointer.pointee.payload)
        case 5: Double(bitPattern: pointer.pointee.payload)
        default: nil
        }
    }

    /// The value of a string, without its escapes.
    @inlinable public var string: String? {
        guard pointer.pointee.kind == 6 else { return nil }
        return withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls the body with the unescaped UTF-8 bytes of a string, without copying; with none for other kinds.
    @inlinable public func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let isString = pointer.pointee.kind == 6
        let bytes = UnsafeBufferPointer(
            start: isString ? document.text + low : document.text, count: isString ? high : 0)
        defer { withExtendedLifetime(document) {} }
        return try body(bytes)
    }

    /// Whether the value is a string of exactly these characters, byte for byte.
    @inlinable public func isString(_ expected: StaticString) -> Bool {
        guard pointer.pointee.kind == 6 else { return false }
        return withUTF8 { bytesEqual($0, expected) }
    }
}
