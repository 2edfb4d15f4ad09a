import NIOPosix

/// Work that takes so long that others would wait for it, such as unpacking or checking a large body.
public enum LongWork {
    /// Runs work on a thread of its own, so that those that answer everybody stay free.
    /// - Parameter isLong: work that is short runs where it is.
    public static func run<Result: Sendable>(
        if isLong: Bool = true, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        isLong ? try await NIOThreadPool.singleton.runIfActive(body) : try body()
    }
}
