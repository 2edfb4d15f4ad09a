#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Text that came from outside, which is its UTF-8 bytes: the key of every dictionary and set, and the order of every
/// sort, over what clients send.
///
/// `String` takes canonically equal spellings for one value: `é` composed and decomposed, `Å` and the Ångström sign,
/// `K` and the Kelvin sign. JSON, SQL and the SDKs do not. Two users whose ids differ in their bytes are two users.
///
/// ```swift
/// var counts: [ClientText: Int] = [:]
/// counts[ClientText(userID), default: 0] += 1
/// ```
public struct ClientText: Sendable {
    /// The text.
    public let string: String

    /// Makes a key of the text.
    @inlinable public init(_ string: String) { self.string = string }

    /// Makes a key of UTF-8 bytes; what is not well-formed becomes U+FFFD.
    @inlinable public init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        string = String(decoding: bytes, as: UTF8.self)
    }
}

extension ClientText: Hashable {
    /// Whether both have the same bytes.
    public static func == (first: ClientText, second: ClientText) -> Bool {
        first.string.hasSameBytes(as: second.string)
    }

    /// Feeds the bytes to the hasher.
    public func hash(into hasher: inout Hasher) {
        withBytes(of: string) { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // No byte of UTF-8 is 0xFF, so that ("ab", "c") and ("a", "bc") differ.
        hasher.combine(0xFF as UInt8)
    }
}

extension ClientText: Comparable {
    /// Whether the bytes of the first come before those of the second, which is the order of their scalars.
    public static func < (first: ClientText, second: ClientText) -> Bool {
        withBytes(of: first.string) { left in
            withBytes(of: second.string) { right in
                let order = compare(left, right, count: min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }
}

extension ClientText: ExpressibleByStringLiteral, CustomStringConvertible {
    /// Makes a key of a literal.
    @inlinable public init(stringLiteral value: String) { self.init(value) }

    /// The text.
    public var description: String { string }
}

extension String {
    /// Whether both texts have the same bytes in UTF-8, which `==` does not ask.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes(of: self) { left in
            withBytes(of: other) { right in compare(left, right, count: left.count) == 0 }
        }
    }
}

extension String? {
    /// Whether both are missing, or both texts have the same bytes in UTF-8.
    public func hasSameBytes(as other: String?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let text?, let other?): text.hasSameBytes(as: other)
        default: false
        }
    }
}

/// Calls the body with the UTF-8 of the text, without copying where the text stands in memory as such.
func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
    var copy = text
    return copy.withUTF8(body)
}

/// The order of the first bytes of two buffers: negative, 0 or positive.
func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, count: Int) -> Int {
    guard count > 0, let left = left.baseAddress, let right = right.baseAddress else { return 0 }
    return Int(memcmp(left, right, count))
}
