import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Answers that are sent while they are made.
@Suite struct GrowingAnswerTests {
    private struct Broken: Error {}

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func answer(_ files: AnswerFiles? = nil, readingSeconds: Int = 60) throws -> GrowingAnswer {
        let files = files ?? AnswerFiles(folder: folder.path)
        return GrowingAnswer(file: try files.make(account: 1), readingSeconds: readingSeconds)
    }

    private func read(_ body: OperationResponse.Body) async throws -> [UInt8] {
        guard case .stream(_, let chunks) = body else { throw CancellationError() }
        var bytes: [UInt8] = []
        for try await chunk in chunks() { bytes += chunk.readableBytesView }
        return bytes
    }

    @Test func whatIsWholeHasALength() async throws {
        let answer = try answer()
        try answer.append([1, 2, 3], unless: { false })
        answer.finish(.success(()))
        #expect(try await answer.begun() == 3)
        #expect(try await read(answer.body(length: 3)) == [1, 2, 3])
    }

    /// Whoever is faster: a small answer always has its length.
    @Test func aSmallAnswerIsWaitedFor() async throws {
        let answer = try answer()
        let work = Task.detached {
            for _ in 0..<3 {
                try answer.append([1], unless: { false })
                try await Task.sleep(for: .milliseconds(60))
            }
            answer.finish(.success(()))
        }
        #expect(try await answer.begun() == 3)
        try await work.value
    }

    @Test func itIsReadWhileItGrows() async throws {
        let answer = try answer()
        let pieces = (0..<40).map { [UInt8](repeating: $0, count: 100_003) }
        try answer.append(pieces[0], unless: { false })
        #expect(try await answer.begun() == nil)
        let body = answer.body(length: nil)
        let work = Task.detached {
            for piece in pieces[1...] {
                try answer.append(piece, unless: { false })
                try await Task.sleep(for: .milliseconds(5))
            }
            answer.finish(.success(()))
        }
        #expect(try await read(body) == Array(pieces.joined()))
        try await work.value
    }

    @Test func anEndThatIsNoneIsAnError() async throws {
        let none = try answer()
        none.finish(.failure(Broken()))
        await #expect(throws: Broken.self) { try await none.begun() }
        let small = try answer()
        try small.append([1], unless: { false })
        small.finish(.failure(Broken()))
        await #expect(throws: Broken.self) { try await small.begun() }
        let begun = try answer()
        try begun.append([UInt8](repeating: 1, count: GrowingAnswer.firstBytes), unless: { false })
        #expect(try await begun.begun() == nil)
        let body = begun.body(length: nil)
        begun.finish(.failure(Broken()))
        await #expect(throws: Broken.self) { try await read(body) }
    }

    /// What has been read makes room, so that an answer may be larger than the disk that it may take.
    @Test func itWaitsForItsReader() async throws {
        let answer = try answer(AnswerFiles(folder: folder.path, mostBytes: 100 << 20))
        let piece = [UInt8](repeating: 7, count: 5 << 20)
        try answer.append(piece, unless: { false })
        let body = answer.body(length: nil)
        let work = Task.detached {
            for _ in 1..<40 { try answer.append(piece, unless: { false }) }
            answer.finish(.success(()))
        }
        let bytes = try await read(body)
        #expect(bytes.count == 40 * piece.count && bytes.allSatisfy { $0 == 7 })
        try await work.value
    }

    @Test func itDoesNotWaitForEver() throws {
        let answer = try answer(AnswerFiles(folder: folder.path, mostBytes: 2_000))
        try answer.append([UInt8](repeating: 7, count: 1_000), unless: { false })
        #expect(throws: CancellationError.self) { try answer.append([7], unless: { true }) }
    }

    @Test func whoeverLetsGoOfItGivesItUp() async throws {
        let answer = try answer()
        let isOver = Mutex(false)
        answer.whenGivenUp { isOver.withLock { $0 = true } }
        try answer.append([1], unless: { false })
        var body: OperationResponse.Body? = answer.body(length: nil)
        #expect(body != nil && !isOver.withLock { $0 })
        body = nil
        #expect(isOver.withLock { $0 })
        #expect(throws: CancellationError.self) { try answer.append([1], unless: { false }) }
        // Told at once to whoever asks later.
        let late = Mutex(false)
        answer.whenGivenUp { late.withLock { $0 = true } }
        #expect(late.withLock { $0 })
    }

    @Test func aHandlerThatIsCancelledGivesItUp() async throws {
        let answer = try answer()
        let waiting = Task { try await answer.begun() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(throws: CancellationError.self) { try answer.append([1], unless: { false }) }
    }

    @Test func whatIsReadTooSlowlyBreaksOff() async throws {
        let answer = try answer(readingSeconds: 0)
        try answer.append([1], unless: { false })
        answer.finish(.success(()))
        await #expect(throws: CancellationError.self) { try await read(answer.body(length: 1)) }
    }
}
