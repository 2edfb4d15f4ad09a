/// What a metric counts: `/metrics` says it above the numbers.
public struct MetricDescription: Sendable {
    /// How Prometheus reads the numbers.
    public enum Kind: String, Sendable {
        /// Only rises, and begins anew with the process.
        case counter
        /// Is what it is at the moment.
        case gauge
        /// Durations in seconds, counted in buckets.
        case histogram
    }

    public let name: String
    public let kind: Kind
    /// A sentence without its full stop.
    public let meaning: String
    /// The names of its labels; without any it is served from the first moment, as zero.
    public let labels: [String]
    /// Upper bounds of a histogram's buckets, in seconds, rising.
    public let bounds: [Double]

    /// - Parameter bounds: nil for the usual ones, 0.5 ms to 60 s.
    public init(_ kind: Kind, _ name: String, _ meaning: String, labels: [String] = [], bounds: [Double]? = nil) {
        self.kind = kind
        self.name = name
        self.meaning = meaning
        self.labels = labels
        self.bounds = bounds ?? Self.usualBounds
    }

    static let usualBounds: [Double] = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
}

/// A number that is looked up when somebody asks for the metrics.
public struct MetricReading: Sendable {
    public let name: String
    public let labels: [(name: String, value: String)]
    public let value: Double

    public init(_ name: String, _ value: Double, labels: [(name: String, value: String)] = []) {
        self.name = name
        self.value = value
        self.labels = labels
    }

    public init(_ name: String, _ value: Int, labels: [(name: String, value: String)] = []) {
        self.init(name, Double(value), labels: labels)
    }
}
