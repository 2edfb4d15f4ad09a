import CXXHash
public import JSON

/// A 64-bit fingerprint of an object's property names and value types, made while a request is parsed.
///
/// The catalogue learns from what arrives; most events look like one seen before, and comparing one number tells so
/// without looking at their properties again.
public struct PropertyShape {
    public private(set) var value: UInt64

    public init() {
        value = 0x9E37_79B9_7F4A_7C15
    }

    /// Takes in one property; the order of properties does not change the result.
    public mutating func add(name: UnsafeBufferPointer<UInt8>, type: PropertyType) {
        value &+= XXH3_64bits_withSeed(name.baseAddress, name.count, UInt64(type.rawValue) &+ 1)
    }

    /// The shape of a whole object.
    public static func of(_ properties: JSONNode) -> UInt64 {
        var shape = PropertyShape()
        for member in properties.members {
            member.value.withKeyUTF8 { shape.add(name: $0, type: PropertyType(of: member.value)) }
        }
        return shape.value
    }
}
