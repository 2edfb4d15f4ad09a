/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// The event engine stores times with microsecond precision, so the whole server speaks in these; there is no
/// floating-point second anywhere that could lose a digit on the way to an export.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since the Unix epoch, UTC. Negative before 1970.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A time in whole seconds since the epoch; beyond what microseconds can count, the nearest time that they can.
    public init(seconds: Int64) {
        self.microseconds = seconds.multipliedSaturating(by: Self.microsecondsPerSecond)
    }

    /// The first moment of year 0, the earliest that ISO 8601 writes with four digits.
    public static let earliest = Timestamp(microseconds: -62_167_219_200_000_000)

    /// The last microsecond of year 9999, the latest that ISO 8601 writes with four digits.
    public static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    /// This time, or the nearest one from ``earliest`` to ``latest``.
    public var withinFourDigitYears: Timestamp { min(max(self, .earliest), .latest) }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// This time moved by `seconds`, which may be negative; beyond what microseconds can count, the nearest time that
    /// they can.
    public func adding(seconds: Int64) -> Timestamp {
        let distance = seconds.multipliedSaturating(by: Self.microsecondsPerSecond)
        return Timestamp(microseconds: microseconds.addingSaturating(distance))
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        microseconds.flooredQuotient(Self.microsecondsPerSecond)
    }

    /// Whole milliseconds since the epoch, rounded down.
    public var milliseconds: Int64 {
        microseconds.flooredQuotient(1_000)
    }

    /// The UTC day that holds it: days since 1970-01-01, negative before.
    public var daysSinceEpoch: Int64 {
        microseconds.flooredQuotient(Self.microsecondsPerDay)
    }

    static let microsecondsPerSecond: Int64 = 1_000_000
    static let microsecondsPerDay: Int64 = 86_400 * 1_000_000
}

extension Int64 {
    /// Division rounding towards minus infinity, as calendars need it before 1970.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
