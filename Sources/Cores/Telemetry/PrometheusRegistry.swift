public import CoreMetrics
import Synchronization

/// Keeps every metric of the process and writes them in Prometheus' text format (version 0.0.4).
///
/// Rooms speak swift-metrics (`Counter`, `Gauge`, `Timer`); this is what stands behind it. What is known at any moment
/// without being counted, such as the length of a queue, is read when somebody asks.
public final class PrometheusRegistry: Sendable {
    struct Key: Hashable {
        let name: String
        let dimensions: [String]

        init(_ label: String, _ dimensions: [(String, String)]) {
            name = label
            self.dimensions = dimensions.map { "\($0)=\"\(PrometheusText.escape($1))\"" }
        }
    }

    private struct State {
        var counters: [Key: CounterCell] = [:]
        var gauges: [Key: GaugeCell] = [:]
        var histograms: [Key: HistogramCell] = [:]
        var sources: [@Sendable () -> [MetricReading]] = []
    }

    private let state: Mutex<State>
    private let descriptions: [MetricDescription]

    /// - Parameter descriptions: of the metrics that there may be. Counters without labels among them are served as zero
    ///   until they rise, so that an alarm can tell "never" from "unknown".
    public init(describing descriptions: [MetricDescription] = []) {
        self.descriptions = descriptions
        var state = State()
        for description in descriptions where description.kind == .counter && description.labels.isEmpty {
            state.counters[Key(description.name, [])] = CounterCell()
        }
        self.state = Mutex(state)
    }

    /// Has numbers looked up whenever somebody asks for the metrics.
    /// - Parameter source: answers at once, from memory: whoever can reach the server may ask as often as they like.
    public func read(_ source: @escaping @Sendable () -> [MetricReading]) {
        state.withLock { $0.sources.append(source) }
    }

    /// What has happened so far, sorted by name, as `/metrics` serves it.
    public func exposition() -> String {
        let state = state.withLock { $0 }
        var text = PrometheusText(descriptions)
        for (key, cell) in state.counters {
            text.add("\(key.name)\(PrometheusText.labels(key.dimensions)) \(cell.value)", to: key.name, .counter)
        }
        for (key, cell) in state.gauges {
            text.add("\(key.name)\(PrometheusText.labels(key.dimensions)) \(cell.value)", to: key.name, .gauge)
        }
        for (key, cell) in state.histograms {
            let lines = cell.lines(name: key.name) { PrometheusText.labels(key.dimensions + $0) }
            for line in lines { text.add(line, to: key.name, .histogram) }
        }
        for reading in state.sources.flatMap({ $0() }) {
            let key = Key(reading.name, reading.labels.map { ($0.name, $0.value) })
            text.add("\(key.name)\(PrometheusText.labels(key.dimensions)) \(reading.value)", to: key.name, .gauge)
        }
        return text.render()
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramCell {
        state.withLock { state in
            let key = Key(label, dimensions)
            if let cell = state.histograms[key] { return cell }
            let bounds = descriptions.first { $0.name == label }?.bounds
            let cell = HistogramCell(bounds: bounds ?? MetricDescription.usualBounds)
            state.histograms[key] = cell
            return cell
        }
    }
}

extension PrometheusRegistry: MetricsFactory {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        state.withLock { state in
            let key = Key(label, dimensions)
            if let cell = state.counters[key] { return cell }
            let cell = CounterCell()
            state.counters[key] = cell
            return cell
        }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) }
        return state.withLock { state in
            let key = Key(label, dimensions)
            if let cell = state.gauges[key] { return cell }
            let cell = GaugeCell()
            state.gauges[key] = cell
            return cell
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    // Metrics live as long as the process: a counter that vanished would read as a reset.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
