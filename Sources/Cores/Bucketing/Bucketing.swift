/// Decides which arm of an experience a visitor falls into: the same visitor, the same arm, on every device and in
/// every official SDK, with nothing stored.
///
/// ```swift
/// let bucketing = Bucketing()
/// let value = bucketing.value(visitorID: "visitor-1", experienceID: "100234567")
/// let arm = bucketing.choose(value: value, arms: arms, layout: .packed)
/// ```
public struct Bucketing: Sendable, Hashable {
    /// The seed that all SDKs use unless told otherwise.
    public static let standardSeed: UInt32 = 9_999

    /// The number of bucket values that all SDKs use unless told otherwise.
    public static let standardMaximumTraffic = 10_000.0

    private static let hashes = 4_294_967_296.0

    /// The seed of the hash.
    public let seed: UInt32

    /// The number of bucket values.
    public let maximumTraffic: Double

    /// Whether the experience's id is left out of the hash, so that a visitor has one value in all experiences.
    public let excludesExperienceID: Bool

    /// The settings of `config.bucketing` in the SDKs. A seed or maximum of 0 means the standard one, as there.
    public init(
        seed: UInt32 = standardSeed, maximumTraffic: Double = standardMaximumTraffic, excludesExperienceID: Bool = false
    ) {
        self.seed = seed == 0 ? Self.standardSeed : seed
        self.maximumTraffic = maximumTraffic == 0 ? Self.standardMaximumTraffic : maximumTraffic
        self.excludesExperienceID = excludesExperienceID
    }

    /// The visitor's bucket value in an experience: a whole number from 0 up to, without, ``maximumTraffic``.
    ///
    /// `floor(murmur3(experienceID + visitorID) / 2^32 * maximumTraffic)`, over UTF-8; takes no memory.
    public func value(visitorID: String, experienceID: String) -> Double {
        let hash = MurmurHash3.hash(excludesExperienceID ? "" : experienceID, visitorID, seed: seed)
        return (Double(hash) / Self.hashes * maximumTraffic).rounded(.towardZero)
    }

    /// The arm that takes a value, or nil when none does. For many visitors keep a ``BucketingPlan`` instead.
    public func choose(value: Double, arms: [BucketingArm], layout: BucketingLayout) -> BucketingArm? {
        BucketingPlan(arms: arms, layout: layout).arm(for: value)
    }
}
