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
    /// Upper bounds in seconds: 0.5 ms to 60 s.
    private static let bounds: [Double] = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    private struct State {
        var buckets = [UInt64](repeating: 0, count: HistogramCell.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1_000_000_000)
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ seconds: Double) {
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += seconds
        }
    }

    /// The lines of this histogram; `labels` renders its dimensions with the ones given added.
    func lines(name: String, labels: ([String]) -> String) -> [String] {
        let state = state.withLock { $0 }
        var lines: [String] = []
        var total: UInt64 = 0
        for (index, count) in state.buckets.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
            lines.append("\(name)_bucket\(labels(["le=\"\(bound)\""])) \(total)")
        }
        lines.append("\(name)_sum\(labels([])) \(state.sum)")
        lines.append("\(name)_count\(labels([])) \(total)")
        return lines
    }
}
