import CoreMetrics
import Synchronization

/// A number that only rises.
final class CounterCell: CounterHandler, Sendable {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }
}

/// A number that is what was last recorded.
final class GaugeCell: RecorderHandler, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }
}

/// Counts durations in buckets, in seconds, as Prometheus wants them.
final class HistogramCell: TimerHandler, RecorderHandler, Sendable {
    private struct State {
        /// One more than there are bounds; empty until something has happened, for most never do.
        var buckets: [UInt64] = []
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state = Mutex(State())

    /// - Parameter bounds: upper bounds in seconds, rising.
    init(bounds: [Double]) {
        self.bounds = bounds
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1_000_000_000)
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ seconds: Double) {
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        state.withLock { state in
            if state.buckets.isEmpty { state.buckets = [UInt64](repeating: 0, count: bounds.count + 1) }
            state.buckets[bucket] += 1
            state.sum += seconds
        }
    }

    /// The lines of this histogram, none while nothing has happened; `labels` renders its dimensions with the ones given
    /// added.
    func lines(name: String, labels: ([String]) -> String) -> [String] {
        let state = state.withLock { $0 }
        if state.buckets.isEmpty { return [] }
        var lines: [String] = []
        var total: UInt64 = 0
        for (index, count) in state.buckets.enumerated() {
            total += count
            let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
            lines.append("\(name)_bucket\(labels(["le=\"\(bound)\""])) \(total)")
        }
        lines.append("\(name)_sum\(labels([])) \(state.sum)")
        lines.append("\(name)_count\(labels([])) \(total)")
        return lines
    }
}
