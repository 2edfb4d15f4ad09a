extension IPAddress: CustomStringConvertible {
    /// As people write it: `192.0.2.1`, or version 6 in its shortest form (RFC 5952).
    public var description: String {
        let bytes = bytes
        if isVersion4 { return bytes.suffix(4).map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let zeros = Self.longestZeros(in: groups)
        func text(_ groups: some Sequence<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        // A single group of zeros is written out.
        guard zeros.count > 1 else { return text(groups) }
        return "\(text(groups[..<zeros.lowerBound]))::\(text(groups[zeros.upperBound...]))"
    }

    /// The first of the longest runs.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int> {
        var (longest, start) = (0..<0, 0)
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<(index + 1) }
        }
        return longest
    }
}
