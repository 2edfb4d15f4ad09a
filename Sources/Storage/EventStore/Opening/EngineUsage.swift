/// What the engine is at, for those who watch the server.
public struct EngineUsage: Sendable {
    /// Connections that somebody reads with, and callers who wait for one.
    public var reading = 0
    public var waitingToRead = 0
    /// Work that changes the file: checkpoints, deletions, erasure; one at a time, and what waits for it.
    public var upkeep = 0
    public var waitingForUpkeep = 0
    /// Sessions of their own, as exports and the writer have.
    public var sessions = 0
    /// How often the engine was opened anew since the start, after it had failed.
    public var reopenings = 0
}

extension EventStore {
    /// What the engine is at. Never waits.
    public var engineUsage: EngineUsage { engine.usage }
}
