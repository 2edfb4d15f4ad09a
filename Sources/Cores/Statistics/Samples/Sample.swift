/// What is known of the visitors of one variation, as far as a test needs to know: how many they are, their mean, and how
/// much they differ.
public protocol Sample: Sendable {
    /// Visitors.
    var count: Int64 { get }
    /// Of what is measured, for a visitor; nil when there are too few to tell.
    var mean: Double? { get }
    /// Variance of what is measured between visitors, without bias; nil when there are too few to tell.
    var variance: Double? { get }
}

extension Sample {
    /// Variance of the mean: the square of its standard error.
    public var varianceOfMean: Double? { variance.map { $0 / Double(count) } }
}
