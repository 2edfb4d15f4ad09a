/// When the write-ahead log is folded into the file. After a crash all that is in it must be read back before anything
/// can be answered: some 40 MB or 20,000 commits a second.
public struct CheckpointPolicy: Sendable {
    /// Bytes of write-ahead log.
    public var bytes = 48 << 20
    /// Commits in it.
    public var commits = 10_000
    /// Seconds since the first of them.
    public var seconds = 60.0

    public init() {}

    func isDue(bytes: Int, commits: Int, seconds: Double) -> Bool {
        commits > 0 && (bytes >= self.bytes || commits >= self.commits || seconds >= self.seconds)
    }
}
