import Synchronization
package import Time

/// A clock that stands still until a test moves it.
package final class HandClock: Sendable {
    /// 2025-06-15T15:06:40Z
    package static let start = Timestamp(seconds: 1_750_000_000)

    private let time = Mutex(HandClock.start)

    package init() {}

    package var now: Timestamp { time.withLock { $0 } }
    package var clock: WallClock { WallClock { self.now } }

    package func advance(seconds: Int64) {
        time.withLock { $0 = $0.adding(seconds: seconds) }
    }
}
