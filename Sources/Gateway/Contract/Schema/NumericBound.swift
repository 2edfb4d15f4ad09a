import JSON

/// The least or greatest number allowed. Integers are compared as integers, so that 2^63 - 1 is told from 2^63.
struct NumericBound: Sendable {
    let value: JSONValue
    let isExclusive: Bool

    private let integer: Int64?
    private let double: Double

    init?(_ value: JSONValue?, isExclusive: Bool) {
        guard let value, let double = value.double else { return nil }
        self.value = value
        self.isExclusive = isExclusive
        self.double = double
        integer = value.int64
    }

    /// -1, 0 or 1 for a number below, at or above the bound.
    func compare(_ node: JSONNode) -> Int {
        if let integer, let other = node.int64 { return other < integer ? -1 : (other > integer ? 1 : 0) }
        let other = node.double ?? 0
        return other < double ? -1 : (other > double ? 1 : 0)
    }
}
