/// The arms of an experience laid out once, to choose from for many visitors.
///
/// Follows `getBucketRanges`, `selectBucket` and `selectBucketAnchored` of the official SDKs, in the same floating
/// point steps, so that a value on an edge falls to the same side.
public struct BucketingPlan: Sendable {
    /// An arm and the values it takes: `start <= value < end`.
    private struct Range: Sendable {
        let arm: BucketingArm
        let start: Double
        let end: Double
    }

    /// Bucket values per percent: 10,000 values for 100 percent.
    private static let valuesPerPercent = 100.0

    /// The number of values that anchors are spread over. The SDKs keep it fixed whatever their maximum traffic is.
    private static let anchoredSpan = 10_000.0

    private let ranges: [Range]

    /// Lays out the arms.
    public init(arms: [BucketingArm], layout: BucketingLayout) {
        let named = arms.filter { !$0.id.isEmpty }
        ranges =
            switch layout {
            case .packed: Self.packed(named)
            case .anchored: Self.anchored(named)
            }
    }

    /// The arm that takes a bucket value, or nil when the value lies outside all of them.
    public func arm(for value: Double) -> BucketingArm? {
        for range in ranges where value >= range.start && value < range.end { return range.arm }
        return nil
    }

    private static func packed(_ arms: [BucketingArm]) -> [Range] {
        var end = 0.0
        return ArmOrder.sorted(arms.filter(\.isActive)).map { arm in
            end += arm.share * valuesPerPercent
            // An arm takes what is below its end and not taken before: no need of a start, which rounding could shift.
            return Range(arm: arm, start: -.infinity, end: end)
        }
    }

    private static func anchored(_ arms: [BucketingArm]) -> [Range] {
        let total = arms.reduce(0) { $0 + $1.share }
        guard total > 0 else { return [] }
        var before = 0.0
        return arms.map { arm in
            let anchor = before / total * anchoredSpan
            before += arm.share
            return Range(arm: arm, start: anchor, end: anchor + (arm.isActive ? arm.share * valuesPerPercent : 0))
        }
    }
}
