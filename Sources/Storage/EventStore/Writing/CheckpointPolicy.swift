import Foundation

/// When the write-ahead log is folded into the file. After a crash all that is in it must be read back before anything
/// can be answered: some 150 MB a second of large commits, 200,000 rows a second of small ones, 5,000 to 10,000 commits a second.
public struct CheckpointPolicy: Sendable {
    /// Bytes of write-ahead log.
    public var bytes = 48 << 20
    /// Commits in it.
    public var commits = 5_000
    /// Rows in it of commits that hold few, see ``CheckpointTally/fewRows``.
    public var scatteredRows = 75_000
    /// Seconds since the first of them.
    public var seconds = 60.0

    public init() {}

    func isDue(bytes: Int, _ unfolded: CheckpointTally.Unfolded) -> Bool {
        unfolded.commits > 0
            && (bytes >= self.bytes || unfolded.commits >= commits || unfolded.scatteredRows >= scatteredRows
                || unfolded.seconds >= seconds)
    }
}
