/// The segments of a request path, percent-decoded one by one.
struct PathSegments {
    /// The decoded segments, one after the other.
    let bytes: [UInt8]
    /// Where each segment stands in them.
    let ranges: [Range<Int>]

    /// Nil if the path does not begin with a slash, or a segment does not decode. Empty segments do not count, as clients
    /// put a base address that ends in a slash before a path that begins with one; nor do a query or fragment.
    init?(_ path: UnsafeBufferPointer<UInt8>) {
        guard path.first == UInt8(ascii: "/") else { return nil }
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        bytes.reserveCapacity(path.count)
        ranges.reserveCapacity(12)
        var start = 0
        var isPlain = true
        var position = 1
        scan: while position < path.count {
            let byte = path[position]
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"): break scan
            case UInt8(ascii: "/"):
                if bytes.count > start { ranges.append(start..<bytes.count) }
                start = bytes.count
            case UInt8(ascii: "%"):
                guard position + 2 < path.count,
                    let decoded = PercentDecoding.byte(path[position + 1], path[position + 2]),
                    decoded != 0
                else { return nil }
                bytes.append(decoded)
                isPlain = false
                position += 2
            case 0: return nil
            default: bytes.append(byte)
            }
            position += 1
        }
        if bytes.count > start { ranges.append(start..<bytes.count) }
        // Each segment on its own: two halves of a character do not make one across a slash.
        guard isPlain || ranges.allSatisfy({ String(validating: bytes[$0], as: UTF8.self) != nil }) else { return nil }
        self.bytes = bytes
        self.ranges = ranges
    }

    /// The text of a segment.
    func text(_ position: Int) -> String { String(decoding: bytes[ranges[position]], as: UTF8.self) }
}
