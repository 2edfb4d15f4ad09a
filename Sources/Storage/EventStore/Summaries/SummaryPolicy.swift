/// Of which experiences summaries are kept, and how much of them.
public struct SummaryPolicy: Sendable {
    /// Where they lie; made when it is missing.
    public var folder: String
    /// A report that reads the log for so long is worth a summary.
    public var leastScan = Duration.milliseconds(250)
    /// Events behind a summary before it is made anew, or a tenth of what it holds, whichever is more.
    public var leastNewRows = 100_000
    /// Rows of the log, more or less, whose visitors are worked on at a time when a summary is made.
    public var sliceRows = 5_000_000
    /// Summaries at most.
    public var mostCount = 64
    /// Bytes of all of them together at most.
    public var mostBytes = 4 << 30
    /// One that has been used within this time makes no room for others.
    public var leastIdle = Duration.seconds(3_600)
    /// How long none is made of an experience after that failed, or there was no room.
    public var pause = Duration.seconds(600)

    public init(folder: String) { self.folder = folder }
}
