import NIOCore
import Synchronization

/// One request on its way, between the thread that moves its bytes and the task that waits for them.
final class Transfer: Sendable {
    /// Bytes of an answer that may wait for their reader; what comes in one piece may lie across.
    private static let roomBytes = 256 * 1_024

    let requestBody: ClientRequest.Body
    private let answerTimeoutSeconds: Int
    private let bodyTimeoutSeconds: Int?
    private let state = Mutex(State())

    private typealias HeadWaiter = CheckedContinuation<ResponseHead, any Error>
    private typealias ChunkWaiter = CheckedContinuation<ByteBuffer?, any Error>

    private struct State: ~Copyable {
        /// Of the running transfer; 0 before it runs.
        var identifier: UInt64 = 0
        var head = ResponseHead()
        var headWaiter: HeadWaiter?
        var chunks = CircularBuffer<ByteBuffer>()
        var bufferedBytes = 0
        /// Whether bytes were turned away that come again when there is room.
        var isPaused = false
        var chunkWaiter: ChunkWaiter?
        /// How it ended; nil while it runs.
        var outcome: Result<Void, any Error>?
    }

    init(_ request: ClientRequest) {
        requestBody = request.body
        answerTimeoutSeconds = request.answerTimeoutSeconds
        bodyTimeoutSeconds = request.bodyTimeoutSeconds
    }

    func setIdentifier(_ identifier: UInt64) {
        state.withLock { $0.identifier = identifier }
    }

    // MARK: For the task that waits

    /// The answer's head. One caller.
    func head() async throws -> ResponseHead {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<ResponseHead, any Error>? = state.withLock { state in
                if state.head.isComplete { return .success(state.head) }
                if let outcome = state.outcome { return Self.headless(outcome) }
                state.headWaiter = continuation
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    /// The next bytes of the answer; nil after the last. One caller at a time.
    func nextChunk() async throws -> ByteBuffer? {
        try await withCheckedThrowingContinuation { continuation in
            var resumed: UInt64?
            let known: Result<ByteBuffer?, any Error>? = state.withLock { state in
                if let chunk = state.chunks.popFirst() {
                    state.bufferedBytes -= chunk.readableBytes
                    if state.isPaused, state.bufferedBytes <= Self.roomBytes / 2 {
                        state.isPaused = false
                        resumed = state.identifier
                    }
                    return .success(chunk)
                }
                if let outcome = state.outcome { return outcome.map { nil } }
                guard state.chunkWaiter == nil else { return .failure(CancellationError()) }
                state.chunkWaiter = continuation
                return nil
            }
            if let resumed { Self.resume(resumed) }
            if let known { continuation.resume(with: known) }
        }
    }

    /// Ends the transfer, unless it is over: whoever waits gets `error`.
    func stop(_ error: any Error) {
        let identifier = state.withLock { $0.outcome == nil ? $0.identifier : 0 }
        end(.failure(error))
        if identifier != 0 { Self.cancel(identifier) }
    }

    // MARK: For the thread that moves the bytes

    /// True when the head is complete with this line.
    func takeHeadLine(_ line: String) -> Bool {
        let (completed, waiter) = state.withLock { state -> (ResponseHead?, HeadWaiter?) in
            let wasComplete = state.head.isComplete
            state.head.take(line)
            guard state.head.isComplete, !wasComplete else { return (nil, nil) }
            return (state.head, state.headWaiter.take())
        }
        guard let completed else { return false }
        waiter?.resume(returning: completed)
        return true
    }

    /// False when there is no room.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, ChunkWaiter?) in
            // Nobody wants it any more.
            guard state.outcome == nil else { return (true, nil) }
            if let waiter = state.chunkWaiter.take() { return (true, waiter) }
            guard state.bufferedBytes < Self.roomBytes else {
                state.isPaused = true
                return (false, nil)
            }
            state.chunks.append(ByteBuffer(bytes: bytes))
            state.bufferedBytes += bytes.count
            return (true, nil)
        }
        waiter?.resume(returning: ByteBuffer(bytes: bytes))
        return isTaken
    }

    /// Bytes of the request's body from `offset` on; nil when they cannot be read, which ends the transfer.
    func readBody(at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let count = min(target.count, max(requestBody.count - offset, 0))
        let target = UnsafeMutableRawBufferPointer(rebasing: target[..<count])
        switch requestBody {
        case .none: return 0
        case .bytes(let bytes):
            target.copyBytes(from: bytes[offset..<offset + count])
            return count
        case .pieces(_, let read):
            do {
                return try read(offset, target)
            } catch {
                stop(error)
                return nil
            }
        }
    }

    /// Ends it since its time is over.
    func endLate() {
        let hasHead = state.withLock { $0.head.isComplete }
        let seconds = hasHead ? bodyTimeoutSeconds ?? answerTimeoutSeconds : answerTimeoutSeconds
        end(.failure(HTTPClientError.noAnswer(seconds: seconds)))
    }

    func end(_ outcome: Result<Void, any Error>) {
        let waiters = state.withLock { state -> (HeadWaiter?, ChunkWaiter?) in
            if state.outcome == nil { state.outcome = outcome }
            return (state.headWaiter.take(), state.chunkWaiter.take())
        }
        waiters.0?.resume(with: Self.headless(outcome))
        waiters.1?.resume(with: outcome.map { nil })
    }

    /// What a transfer that ended without a head comes to.
    private static func headless(_ outcome: Result<Void, any Error>) -> Result<ResponseHead, any Error> {
        outcome.flatMap { .failure(HTTPClientError.failed("the connection ended before the answer began")) }
    }
}
