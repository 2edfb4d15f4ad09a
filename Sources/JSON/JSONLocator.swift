/// Finds the path of a byte in a text that may be broken. Only runs when a document has been refused.
struct JSONLocator {
    private var path: [JSONPathComponent?] = []
    private var key: Range<Int>?
    private var expectsKey = false

    /// The path of the value in which the byte at `offset` stands, at most `maxDepth` steps long.
    static func path(at offset: Int, in bytes: UnsafeRawBufferPointer, maxDepth: Int) -> String {
        var locator = JSONLocator()
        return locator.locate(offset, in: bytes, maxDepth: maxDepth)
    }

    private mutating func locate(_ offset: Int, in bytes: UnsafeRawBufferPointer, maxDepth: Int) -> String {
        var position = 0
        let end = min(offset, bytes.count)
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let start = position
                position = Self.endOfString(from: start, in: bytes)
                if position > end { return describe() }
                if expectsKey {
                    let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
                    let name = (try? JSONDocument(parsing: raw).root.string) ?? ""
                    path[path.count - 1] = .key(name)
                    expectsKey = false
                }
                continue
            case UInt8(ascii: "{"):
                guard path.count < maxDepth else { return describe() }
                path.append(nil)
                expectsKey = true
            case UInt8(ascii: "["):
                guard path.count < maxDepth else { return describe() }
                path.append(.index(0))
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if !path.isEmpty { path.removeLast() }
                expectsKey = false
            case UInt8(ascii: ","):
                guard let last = path.last else { break }
                if case .index(let index)? = last {
                    path[path.count - 1] = .index(index + 1)
                } else {
                    path[path.count - 1] = nil
                    expectsKey = true
                }
            default: break
            }
            position += 1
        }
        return describe()
    }

    private func describe() -> String { JSONPathComponent.describe(path.compactMap(\.self)) }

    /// The offset past the closing quote of the string that opens at `start`, or past the text.
    private static func endOfString(from start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var position = start + 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return bytes.count + 1
    }
}
