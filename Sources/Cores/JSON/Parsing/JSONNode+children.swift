public import CSimdjson

extension JSONNode {
    /// The number of elements of an array or members of an object; 0 for other kinds.
    @inlinable public var count: Int { pointer.pointee.kind >= 7 ? low : 0 }

    /// How many values this one is, with all within it: 1 for a scalar.
    @inlinable public var valueCount: Int { nextIndex - index }

    /// The value of the member with this key, found by going through the members; nil also for other kinds.
    @inlinable public subscript(key: String) -> JSONNode? {
        var key = key
        return key.withUTF8 { self[utf8: $0] }
    }

    /// The value of the member whose unescaped key has these bytes; nil also for other kinds.
    public subscript(utf8 key: UnsafeBufferPointer<UInt8>) -> JSONNode? {
        guard pointer.pointee.kind == 8 else { return nil }
        let nodes = document.nodes
        let end = high
        var child = index + 1
        while child < end {
            let node = nodes + child
            if Int(node.pointee.key_length) == key.count {
                let bytes = UnsafeBufferPointer(
                    start: document.text + Int(node.pointee.key_offset), count: key.count)
                if bytesEqual(bytes, key) { return JSONNode(document: document, index: child) }
            }
            child = node.pointee.kind >= 7 ? Int(node.pointee.payload >> 32) : child + 1
        }
        return nil
    }

    /// The element at a position from 0, found by going through the elements; nil past the end and for other kinds.
    public subscript(position: Int) -> JSONNode? {
        guard pointer.pointee.kind == 7, position >= 0, position < low else { return nil }
        var child = index + 1
        for _ in 0..<position { child = JSONNode(document: document, index: child).nextIndex }
        return JSONNode(document: document, index: child)
    }

    /// The elements of an array in order; none for other kinds.
    @inlinable public var elements: JSONElements { JSONElements(of: self, kind: 7) }

    /// The members of an object in the order of the source; none for other kinds.
    @inlinable public var members: JSONMembers { JSONMembers(values: JSONElements(of: self, kind: 8)) }
}

/// The children of a node, in order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    @usableFromInline let document: JSONDocument
    @usableFromInline var index: Int
    @usableFromInline let end: Int

    @inlinable init(of node: JSONNode, kind: UInt8) {
        document = node.document
        let matches = node.pointer.pointee.kind == kind
        index = node.index + 1
        end = matches ? node.high : 0
    }

    /// The next child, or nil after the last.
    @inlinable public mutating func next() -> JSONNode? {
        guard index < end else { return nil }
        let node = JSONNode(document: document, index: index)
        index = node.nextIndex
        return node
    }
}

/// The members of an object, in order.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    @usableFromInline var values: JSONElements

    @inlinable init(values: JSONElements) { self.values = values }

    /// The next member, or nil after the last.
    @inlinable public mutating func next() -> JSONMember? { values.next().map(JSONMember.init) }
}

/// A member of an object: a key and its value.
public struct JSONMember: Sendable {
    /// The value; its `key` and `withKeyUTF8` read the key without making a string.
    public let value: JSONNode

    @inlinable init(value: JSONNode) { self.value = value }

    /// The unescaped key.
    @inlinable public var key: String { value.key ?? "" }
}
