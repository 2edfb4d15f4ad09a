import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// An answer that is sent while it is being made. What its receiver has not read yet is on disk, so that whoever makes it
/// is done as soon as it can be, however slowly it is read, and memory stays flat however large it is.
///
/// ```swift
/// let answer = GrowingAnswer(file: try files.make(account: account), readingSeconds: 3_600)
/// let work = Task { answer.finish(await result { try answer.append(bytes, unless: { false }) }) }
/// answer.whenGivenUp { work.cancel() }
/// let length = try await answer.begun()   // until now the answer can still be an error
/// return OperationResponse(status: .ok, body: answer.body(length: length))
/// ```
public final class GrowingAnswer: Sendable {
    private struct State {
        /// Nil while more may come.
        var end: Result<Void, any Error>?
        var isGivenUp = false
        var onGivingUp: (@Sendable () -> Void)?
    }

    private let file: AnswerFile
    private let deadline: ContinuousClock.Instant
    private let state = Mutex(State())

    /// With less of it the answer does not begin, so that a small one is told with its size, and what fails at once with its
    /// reason.
    static let firstBytes = 64 * 1_024
    /// How often it is looked whether there is more.
    private static let pause = Duration.milliseconds(20)
    /// How often a connection is asked whether somebody still reads.
    private static let pausesBetweenQuestions = 25

    /// - Parameters:
    ///   - file: where it is kept; nobody else uses it.
    ///   - readingSeconds: how long it may take in all, from now on, until it has been read.
    public init(file: AnswerFile, readingSeconds: Int) {
        self.file = file
        deadline = .now + .seconds(readingSeconds)
    }

    deinit {
        giveUp()
    }

    // MARK: - Made

    /// Adds to it. Blocks while there is no room, until its reader or others have read enough of theirs.
    /// - Throws: `CancellationError` when nobody wants it any more or `isOver` says so; `CocoaError` when the disk is full.
    public func append(_ bytes: [UInt8], unless isOver: () -> Bool) throws {
        while true {
            guard !state.withLock(\.isGivenUp) else { throw CancellationError() }
            if try file.appendIfRoom(bytes) { return }
            guard !isOver() else { throw CancellationError() }
            usleep(20_000)
        }
    }

    /// Says that it is whole, or why it never will be.
    public func finish(_ end: Result<Void, any Error>) {
        state.withLock { state in
            if state.end == nil { state.end = end }
        }
    }

    /// Names what is to be done when nobody wants it any more, which may be so already.
    public func whenGivenUp(_ action: @escaping @Sendable () -> Void) {
        let isGivenUp = state.withLock { state in
            if !state.isGivenUp { state.onGivingUp = action }
            return state.isGivenUp
        }
        if isGivenUp { action() }
    }

    private func giveUp() {
        let action = state.withLock { state in
            state.isGivenUp = true
            return state.onGivingUp.take()
        }
        action?()
    }

    // MARK: - Read

    /// Waits until ``firstBytes`` are there, or it is whole.
    /// - Returns: its length in bytes when it is whole.
    /// - Throws: what ended it, as long as nothing of it was sent; `CancellationError`, and then it is given up.
    public func begun() async throws -> Int? {
        do {
            while true {
                switch state.withLock(\.end) {
                case .success: return file.byteCount
                case .failure(let error): throw error
                case nil: if file.byteCount >= Self.firstBytes { return nil }
                }
                try await Task.sleep(for: Self.pause)
            }
        } catch {
            giveUp()
            throw error
        }
    }

    /// Its bytes, once, and given up with what this returns. Where it never becomes whole the body fails, which a client sees: no body ends as if it were whole.
    public func body(length: Int?) -> OperationResponse.Body {
        let reader = Reader(answer: self)
        return .stream(length: length) { AsyncThrowingStream { try await reader.next() } }
    }

    /// One reader; whoever lets go of it gives the answer up.
    private actor Reader {
        private let answer: GrowingAnswer
        private var position = 0

        init(answer: GrowingAnswer) {
            self.answer = answer
        }

        deinit {
            answer.giveUp()
        }

        func next() async throws -> ByteBuffer? {
            for _ in 0..<GrowingAnswer.pausesBetweenQuestions {
                guard ContinuousClock.now < answer.deadline else { throw CancellationError() }
                // Looked at before the size: what is whole does not grow.
                let end = answer.state.withLock(\.end)
                if case .failure(let error) = end { throw error }
                if position < answer.file.byteCount { return try await read() }
                if case .success = end { return nil }
                try await Task.sleep(for: GrowingAnswer.pause)
            }
            // Nothing to send: the connection is asked whether somebody still waits for it.
            return ByteBuffer()
        }

        private func read() async throws -> ByteBuffer {
            let (file, start) = (answer.file, position)
            let chunk = try await NIOThreadPool.singleton.runIfActive {
                let chunk = try file.chunk(at: start)
                file.forget(before: start + chunk.readableBytes)
                return chunk
            }
            position += chunk.readableBytes
            return chunk
        }
    }
}
