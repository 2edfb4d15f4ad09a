extension JSONValue {
    /// The value as JSON in UTF-8, without spaces, members in their order.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// The value as JSON, without spaces, members in their order.
    public var encodedString: String { String(decoding: encoded(), as: UTF8.self) }

    /// Appends the value as JSON. Infinities and NaN, which JSON lacks, become null.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .integer(let value): bytes.append(decimal: value)
        case .double(let value): bytes.append(contentsOf: value.isFinite ? value.description.utf8 : "null".utf8)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .string(let value): JSONEscaping.append(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                element.encode(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONEscaping.append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.encode(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The same as ``encodedString``.
    public var description: String { encodedString }
}
