import NIOCore
import NIOPosix

/// Work that takes so long that others would wait for it, such as unpacking or checking a large body.
public enum LongWork {
    /// Bytes of JSON from which on reading takes so long that others would notice.
    static let largeBytes = 256 * 1_024

    /// The most pieces of strangers' work that are done at once.
    static let strangerThreads = max(1, System.coreCount / 2)

    /// Strangers have threads of their own: whoever has shown a key never waits behind them.
    private static let strangers: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: strangerThreads)
        pool.start()
        return pool
    }()

    /// Runs work on a thread of its own, so that those that answer everybody stay free.
    /// - Parameters:
    ///   - isStranger: whether it is done for somebody who has shown nothing that only they know.
    ///   - isLong: work that is short runs where it is.
    static func run<Result: Sendable>(
        forStranger isStranger: Bool, if isLong: Bool = true, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        guard isLong else { return try body() }
        return try await (isStranger ? strangers : .singleton).runIfActive(body)
    }
}

extension OperationRequest {
    /// Does work that is long whatever the request says, where it keeps nobody waiting.
    public func longWork<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await LongWork.run(forStranger: isStranger, body)
    }

    /// Reads a body that the gateway left alone, a large one where it keeps nobody waiting.
    public func read<Result: Sendable>(
        _ bytes: [UInt8], _ reading: @escaping @Sendable ([UInt8]) throws -> Result
    ) async throws -> Result {
        try await LongWork.run(forStranger: isStranger, if: bytes.count > LongWork.largeBytes) { try reading(bytes) }
    }
}
