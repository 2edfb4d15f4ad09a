public import CSimdjson

extension JSONNode {
    /// Where the value begins in the text, in bytes.
    var offset: Int { Int(pointer.pointee.start) }

    /// The source of the value, byte for byte: a number as it was written, a whole object with its spaces.
    public var rawText: String { withRawText { String(decoding: $0, as: UTF8.self) } }

    /// Calls the body with the bytes of the value as they stood in the source, without copying.
    @inlinable public func withRawText<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let node = pointer.pointee
        let bytes = UnsafeBufferPointer(start: document.text + Int(node.start), count: Int(node.end - node.start))
        defer { withExtendedLifetime(document) {} }
        return try body(bytes)
    }

    /// The unescaped key, when the value belongs to a member of an object.
    @inlinable public var key: String? {
        guard pointer.pointee.key_offset != UInt32.max else { return nil }
        return withKeyUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls the body with the unescaped UTF-8 bytes of the key, without copying; with none if there is no key.
    @inlinable public func withKeyUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let node = pointer.pointee
        let start = node.key_offset == UInt32.max ? document.text : document.text + Int(node.key_offset)
        defer { withExtendedLifetime(document) {} }
        return try body(UnsafeBufferPointer(start: start, count: Int(node.key_length)))
    }

    /// Whether the value belongs to a member with exactly this key, byte for byte.
    @inlinable public func hasKey(_ expected: StaticString) -> Bool {
        guard pointer.pointee.key_offset != UInt32.max else { return false }
        return withKeyUTF8 { bytesEqual($0, expected) }
    }
}

@inlinable func bytesEqual(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    guard text.hasPointerRepresentation else { return bytes.elementsEqual(text.description.utf8) }
    return bytesEqual(bytes, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
}

@inlinable func bytesEqual(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Bool {
    guard first.count == second.count else { return false }
    guard first.count > 0, let left = first.baseAddress, let right = second.baseAddress else { return true }
    return csimdjson_equal(left, right, first.count) != 0
}
