#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a room learns what time it is. Passed in, so that expiry, schedules and retention are tested without sleeping.
public struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    public init(now: @escaping @Sendable () -> Timestamp) {
        self.read = now
    }

    /// What the clock shows, but never before 1970 nor after year 9999: ids and contracts count from the one and have
    /// four digits for the other, and a clock that is set wrong must not end the server.
    public var now: Timestamp { min(max(read(), Timestamp(microseconds: 0)), .latest) }

    /// The machine's clock.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let whole = Timestamp(seconds: Int64(time.tv_sec))
        return Timestamp(microseconds: whole.microseconds.addingSaturating(Int64(time.tv_nsec) / 1_000))
    }
}
