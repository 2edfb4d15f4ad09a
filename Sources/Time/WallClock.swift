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

    public var now: Timestamp { read() }

    /// The machine's clock.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
