/// An IP address. One of version 4 is the same as its mapped form in version 6, `::ffff:192.0.2.1` (RFC 4291, 2.5.5.2).
public struct IPAddress: Sendable, Hashable, Comparable {
    /// The first 64 bits, as a number.
    let high: UInt64
    /// The last 64 bits.
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses `192.0.2.1` and the forms of RFC 4291, section 2.2, without a zone; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if !text.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = Self.version4(text) else { return nil }
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits))
            return
        }
        guard let groups = Self.groups(text) else { return nil }
        func number(_ groups: some Sequence<UInt16>) -> UInt64 { groups.reduce(0) { $0 << 16 | UInt64($1) } }
        self.init(high: number(groups.prefix(4)), low: number(groups.dropFirst(4)))
    }

    /// The 16 bytes of version 6, the first one first; of version 4 those of the mapped form.
    public var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    /// What one client has at least: the address of version 4, the first 64 bits of version 6. A text to compare by.
    public var neighbourhood: String { isVersion4 ? "\(self)" : "\(IPAddress(high: high, low: 0))/64" }

    /// Whether it is one of version 4.
    public var isVersion4: Bool { high == 0 && low >> 32 == 0xFFFF }

    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Four decimal numbers without leading zeros, which some would read as octal.
    private static func version4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            bits = bits << 8 | value
        }
        return bits
    }

    /// The eight groups of an address of version 6.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var lists: [[UInt16]] = []
        for (place, half) in halves.enumerated() {
            var list: [UInt16] = []
            let parts = half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if part.utf8.contains(UInt8(ascii: ".")) {
                    guard place == halves.count - 1, index == parts.count - 1, let bits = version4(part) else {
                        return nil
                    }
                    list += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
                } else {
                    guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                        let group = UInt16(part, radix: 16)
                    else { return nil }
                    list.append(group)
                }
            }
            lists.append(list)
        }
        let count = lists.reduce(0) { $0 + $1.count }
        if lists.count == 1 { return count == 8 ? lists[0] : nil }
        return count <= 7 ? lists[0] + [UInt16](repeating: 0, count: 8 - count) + lists[1] : nil
    }
}
