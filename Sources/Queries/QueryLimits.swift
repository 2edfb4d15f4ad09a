/// What queries may take from the server.
public struct QueryLimits: Sendable {
    /// Bytes of a query's text.
    public static let textBytes = 65_536
    /// Rows of one result at most.
    public static let maximumRows = 100_000
    /// Seconds a query may ask for at most.
    public static let maximumSeconds = 60

    /// Queries running at once on this server.
    public var concurrentQueries = 2
    /// Seconds that a query waits for its turn before it is turned away.
    public var waitingSeconds = 5.0
    /// Bytes of one result.
    public var resultBytes = 64 * 1_024 * 1_024
    /// Bytes by which the server's memory may grow while a query runs, before the query is stopped: texts that an
    /// expression builds are not counted by the engine's own limit.
    public var memoryGrowthBytes = 1_536 * 1_024 * 1_024

    /// The limits of a server of ordinary size.
    public init() {}
}
