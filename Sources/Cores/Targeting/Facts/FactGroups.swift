/// Where a visit comes from, usually read off the `utm_` parameters; what is nil is unknown.
public struct VisitSource: Sendable, Hashable {
    /// `utm_campaign`.
    public var campaign: String?
    /// `utm_term`.
    public var keyword: String?
    /// `utm_medium`.
    public var medium: String?
    /// `utm_source`.
    public var name: String?

    /// Nothing known.
    public init() {}
}

/// A visitor's browser and device; what is nil is unknown.
public struct DeviceFacts: Sendable, Hashable {
    /// As the contract names it: chrome, microsoft_ie, firefox, microsoft_edge, mozilla, opera or safari.
    public var browserName: String?
    /// Such as `126.0.6478`.
    public var browserVersion: String?
    /// As the contract names it: android, iphone, ipod, ipad, windows, macos or linux.
    public var operatingSystem: String?
    /// The whole `User-Agent`.
    public var userAgent: String?
    /// The kind of the device.
    public var category: DeviceCategory?

    /// Nothing known.
    public init() {}
}

/// The kinds of devices that rules tell apart.
public enum DeviceCategory: Sendable, Hashable {
    case desktop
    case mobile
    case tablet
}

/// A visitor's visits; what is nil is unknown.
public struct VisitFacts: Sendable, Hashable {
    /// Whether the visitor has been here before this visit.
    public var isReturning: Bool?
    /// Visits so far, this one included.
    public var count: Double?
    /// Whole days since the visit before this one.
    public var daysSinceLast: Double?
    /// Pages seen in this visit.
    public var pages: Double?
    /// Seconds this visit lasts.
    public var duration: Double?
    /// Seconds spent on a page on average.
    public var averagePageTime: Double?
    /// Whether anything is stored about the visitor.
    public var hasStoredData: Bool?

    /// Nothing known.
    public init() {}
}

/// A time of the week on some clock.
public struct ClockFacts: Sendable, Hashable {
    /// 1 to 7; the contract leaves open which day is the first, the server counts from Monday (ISO 8601).
    public var dayOfWeek: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int

    /// A time of the week.
    public init(dayOfWeek: Int, hour: Int, minute: Int) {
        self.dayOfWeek = dayOfWeek
        self.hour = hour
        self.minute = minute
    }
}
