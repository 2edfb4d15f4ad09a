/// Addresses from a first to a last one.
public struct IPRange: Sendable, Hashable {
    public let first: IPAddress
    public let last: IPAddress

    /// A range of both ends; nil when the last comes before the first, or is of the other version.
    public init?(first: IPAddress, last: IPAddress) {
        guard first <= last, first.isVersion4 == last.isVersion4 else { return nil }
        self.first = first
        self.last = last
    }

    /// Parses a network, such as `10.0.0.0/8` or `fd00::/8`, or a lone address; nil for anything else. Bits after the
    /// prefix do not matter.
    public init?(network text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        let bits = base.isVersion4 ? 32 : 128
        var length = bits
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(parts[1]), number <= bits
            else {
                return nil
            }
            length = number
        }
        // Of all 128 bits, as many as may differ.
        let free = bits - length
        let low = free >= 64 ? UInt64.max : (1 << UInt64(free)) - 1
        let high = free >= 128 ? UInt64.max : free <= 64 ? 0 : (1 << UInt64(free - 64)) - 1
        first = IPAddress(high: base.high & ~high, low: base.low & ~low)
        last = IPAddress(high: base.high | high, low: base.low | low)
    }

    /// Whether an address of the same version lies in it.
    public func contains(_ address: IPAddress) -> Bool {
        first <= address && address <= last && first.isVersion4 == address.isVersion4
    }
}
