/// An amount of memory as operators write it: `512MB`, `1GB`, `1.5GiB`.
public struct MemorySize: Sendable, Equatable {
    public let bytes: Int64

    public init(bytes: Int64) {
        self.bytes = bytes
    }

    private static let units: [(name: String, bytes: Double)] = [
        ("KIB", 1_024), ("MIB", 1_048_576), ("GIB", 1_073_741_824), ("TIB", 1_099_511_627_776),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
    ]

    /// Nil for anything but a positive number with a unit.
    public init?(_ text: String) {
        let text = text.uppercased()
        guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        var number = text.dropLast(unit.name.count)
        while number.last == " " { number.removeLast() }
        guard let value = Double(number), value > 0, value * unit.bytes < 1e18 else { return nil }
        bytes = Int64(value * unit.bytes)
    }
}
