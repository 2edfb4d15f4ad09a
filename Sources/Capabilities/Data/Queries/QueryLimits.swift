/// What queries may take from the server.
public struct QueryLimits: Sendable {
    /// Bytes of a query's text.
    public static let textBytes = 65_536
    /// Rows of one result at most.
    public static let maximumRows = 100_000
    /// Seconds a query may ask for at most.
    public static let maximumSeconds = 60
    /// The same for one whose whole result is wanted.
    public static let maximumSecondsOfWholeResults = 600

    /// Queries running at once on this server.
    public var concurrentQueries = 3
    /// Queries of one environment running at once; where there is room for more than one query, one environment never has
    /// all of it.
    public var queriesOfEnvironment = 2
    /// Whole results of one environment that are made at once. Of all environments it is one less than there are queries
    /// at once, so that those that take long leave room for those that do not.
    public var wholeResultsOfEnvironment = 1
    /// Queries of one environment that wait for their turn; more are turned away at once.
    public var waitingQueriesOfEnvironment = 50
    /// Seconds that a query waits for its turn before it is turned away.
    public var waitingSeconds = 5.0
    /// Seconds that a query waits for the events it reads to be copied, before it is told how far that is.
    public var copyingSeconds = 30.0
    /// Bytes of one result; a whole one has no end but in Parquet, where it is a file in ``spillBytes``.
    public var resultBytes = 64 * 1_024 * 1_024
    /// Memory of one query's engine in bytes; larger sorts and joins are kept in files.
    public var engineBytes = 500_000_000
    /// Memory of one query's process in bytes, beyond its engine's: texts that an expression builds are not counted by
    /// the engine.
    public var memoryBytes = 768 * 1_024 * 1_024
    /// Bytes that one query may keep in files while it runs.
    public var spillBytes = 4 * 1_024 * 1_024 * 1_024
    /// Threads of one query.
    public var threads = 2

    /// The limits of a server of ordinary size.
    public init() {}
}
