/// A variation as bucketing sees it (`ExperienceVariationConfig` of the serving contract).
public struct BucketingArm: Sendable, Hashable {
    /// The variation's id. Arms whose id is empty are passed over, as the SDKs do.
    public let id: String

    /// The share of all visitors in percent, 0 to 100; nil when the variation has none, which means 100.
    ///
    /// An explicit null of the configuration is not a missing value: the JavaScript SDK reads it as 0.
    public let allocationPercent: Double?

    /// Whether the variation takes visitors; see ``isRunning(status:)``.
    public let isRunning: Bool

    /// An arm.
    public init(id: String, allocationPercent: Double?, isRunning: Bool = true) {
        self.id = id
        self.allocationPercent = allocationPercent
        self.isRunning = isRunning
    }

    /// Whether a variation with this status takes visitors: `running` does, and so does one without a status.
    public static func isRunning(status: String?) -> Bool {
        guard let status, !status.isEmpty else { return true }
        return status == "running"
    }

    /// The allocation in percent, 100 where none is given.
    var share: Double {
        guard let allocationPercent, !allocationPercent.isNaN else { return 100 }
        return allocationPercent
    }

    /// Whether the arm can be chosen: running, and not turned down to nothing.
    var isActive: Bool { isRunning && share > 0 }
}
