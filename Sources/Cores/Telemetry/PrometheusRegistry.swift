public import CoreMetrics
import Synchronization

/// Keeps every metric of the process and writes them in Prometheus' text format (version 0.0.4).
///
/// Rooms speak swift-metrics (`Counter`, `Gauge`, `Timer`); this is what stands behind it.
public final class PrometheusRegistry: Sendable {
    private struct Key: Hashable {
        let name: String
        let dimensions: [String]

        init(_ label: String, _ dimensions: [(String, String)]) {
            name = label
            self.dimensions = dimensions.map { "\($0)=\"\(Self.escape($1))\"" }
        }

        private static func escape(_ value: String) -> String {
            var escaped = ""
            for character in value {
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.append(character)
                }
            }
            return escaped
        }
    }

    private struct State {
        var counters: [Key: CounterCell] = [:]
        var gauges: [Key: GaugeCell] = [:]
        var histograms: [Key: HistogramCell] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// All metrics, sorted by name, as `/metrics` serves them.
    public func exposition() -> String {
        let state = state.withLock { $0 }
        var families: [String: (type: String, lines: [String])] = [:]
        for (key, cell) in state.counters {
            add("\(key.name)\(labels(key.dimensions)) \(cell.value)", to: key.name, type: "counter", in: &families)
        }
        for (key, cell) in state.gauges {
            add("\(key.name)\(labels(key.dimensions)) \(cell.value)", to: key.name, type: "gauge", in: &families)
        }
        for (key, cell) in state.histograms {
            for line in cell.lines(name: key.name, labels: { labels(key.dimensions + $0) }) {
                add(line, to: key.name, type: "histogram", in: &families)
            }
        }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.type)\n"
            // A histogram's buckets must keep their order; other lines read better sorted.
            let lines = family.type == "histogram" ? family.lines : family.lines.sorted()
            text += lines.joined(separator: "\n") + "\n"
        }
        return text
    }

    private func add(
        _ line: String, to name: String, type: String, in families: inout [String: (type: String, lines: [String])]
    ) {
        families[name, default: (type, [])].lines.append(line)
    }

    private func labels(_ dimensions: [String]) -> String {
        dimensions.isEmpty ? "" : "{\(dimensions.joined(separator: ","))}"
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

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramCell {
        state.withLock { state in
            let key = Key(label, dimensions)
            if let cell = state.histograms[key] { return cell }
            let cell = HistogramCell()
            state.histograms[key] = cell
            return cell
        }
    }

    // Metrics live as long as the process: a counter that vanished would read as a reset.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
