import Time

/// The days (UTC) on which somebody was active, of the thirty that end with the last of them.
struct ActiveDays: Sendable, Equatable {
    /// How many days are told apart.
    static let count = 30
    /// The bits that stand for days.
    static let mask: Int64 = (1 << count) - 1

    /// The last day, in days since the epoch.
    private(set) var lastDay: Int64
    /// One bit a day: the lowest for the last day, the next for the day before it.
    private(set) var bits: Int64

    /// One day, the one that holds a time.
    /// - Parameter time: microseconds since the epoch.
    init(at time: Int64) {
        lastDay = Timestamp(microseconds: time).daysSinceEpoch
        bits = 1
    }

    /// Adds the day that holds a time. A day too long ago is nothing.
    /// - Parameter time: microseconds since the epoch.
    mutating func insert(_ time: Int64) {
        let day = Timestamp(microseconds: time).daysSinceEpoch
        let distance = day - lastDay
        if distance > 0 {
            bits = ((distance < Self.count ? bits << distance : 0) | 1) & Self.mask
            lastDay = day
        } else if -distance < Self.count {
            bits |= 1 << -distance
        }
    }

    /// The share of the thirty days with activity, in percent, rounded: 0 for none, 100 for all of them.
    /// - Parameter bits: as they are stored.
    static func score(_ bits: Int64) -> Int {
        ((bits & mask).nonzeroBitCount * 200 + count) / (2 * count)
    }
}
