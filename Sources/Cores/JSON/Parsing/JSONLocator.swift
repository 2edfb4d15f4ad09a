/// Finds the path of a byte in a text that may be broken. Only runs when a document has been refused.
struct JSONLocator {
    private enum Step {
        /// Into an object, before its first key.
        case object
        /// A key where it stands in the text, with its quotes: only those on the way are read in the end.
        case key(Range<Int>)
        case index(Int)
    }

    private let bytes: UnsafeRawBufferPointer
    private var path: [Step] = []
    private var expectsKey = false

    /// The path of the value in which the byte at `offset` stands, at most `maxDepth` steps long.
    static func path(at offset: Int, in bytes: UnsafeRawBufferPointer, maxDepth: Int) -> String {
        var locator = JSONLocator(bytes: bytes)
        locator.locate(offset, maxDepth: maxDepth)
        return JSONPathComponent.describe(locator.path.compactMap(locator.component))
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func locate(_ offset: Int, maxDepth: Int) {
        var position = 0
        let end = min(offset, bytes.count)
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let start = position
                position = endOfString(from: start)
                if position > end { return }
                if expectsKey {
                    path[path.count - 1] = .key(start..<position)
                    expectsKey = false
                }
                continue
            case UInt8(ascii: "{"):
                guard path.count < maxDepth else { return }
                path.append(.object)
                expectsKey = true
            case UInt8(ascii: "["):
                guard path.count < maxDepth else { return }
                path.append(.index(0))
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if !path.isEmpty { path.removeLast() }
                expectsKey = false
            case UInt8(ascii: ","):
                guard let last = path.last else { break }
                if case .index(let index) = last {
                    path[path.count - 1] = .index(index + 1)
                } else {
                    path[path.count - 1] = .object
                    expectsKey = true
                }
            default: break
            }
            position += 1
        }
    }

    private func component(_ step: Step) -> JSONPathComponent? {
        switch step {
        case .object: nil
        case .index(let index): .index(index)
        case .key(let range):
            .key((try? JSONDocument(parsing: UnsafeRawBufferPointer(rebasing: bytes[range])).root.string) ?? "")
        }
    }

    /// The offset past the closing quote of the string that opens at `start`, or past the text.
    private func endOfString(from start: Int) -> Int {
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
