/// What waits for something, for those who watch the server.
public struct EventBacklog: Sendable {
    /// Batches, requests or events, as whoever counts them says.
    public let count: Int
    public let byteCount: Int
    /// Since when the one waits that has waited longest; nil for nothing.
    public let oldest: ContinuousClock.Instant?

    public init(count: Int, byteCount: Int, oldest: ContinuousClock.Instant?) {
        self.count = count
        self.byteCount = byteCount
        self.oldest = oldest
    }

    /// How long that is, in seconds; 0 for nothing.
    public var ageSeconds: Double { oldest.map { $0.duration(to: .now) / .seconds(1) } ?? 0 }
}
