import Foundation
import Synchronization
import Testing

@testable import Events

@Suite struct UploadThreadsTests {
    private func thread() -> pthread_t { pthread_self() }

    /// However many uploads come, and whoever waits for them.
    @Test func aFewThreadsDoItAll() async throws {
        let threads = try await withThrowingTaskGroup(of: pthread_t.self) { group in
            for _ in 0..<20 { group.addTask { try await UploadThreads.run(short: false) { thread() } } }
            return try await group.reduce(into: Set<pthread_t>()) { $0.insert($1) }
        }
        #expect((1...2).contains(threads.count))
        // Behind it, its task is where it was.
        await Task.yield()
        #expect(!threads.contains(thread()))
    }

    /// Going through a long one may hold a thread for minutes.
    @Test func shortUploadsDoNotWaitBehindLongOnes() async throws {
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await UploadThreads.run(short: false) { while !isOver.value.withLock({ $0 }) { usleep(1_000) } }
                }
            }
            try await UploadThreads.run(short: true) {}
            isOver.value.withLock { $0 = true }
            try await group.waitForAll()
        }
    }

    @Test func whatIsNotWantedAnyMoreEnds() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await UploadThreads.run(short: false) {
                start.yield()
                // Cut off by the cancellation, which is no damage to the file.
                let pieces = UploadSource.bytes([UInt8](repeating: 0x61, count: UploadPieces.pieceBytes)).pieces()
                while !Task.isCancelled {}
                #expect(pieces.next() == nil)
                if let damage = pieces.damage { throw damage }
            }
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private final class Flag: Sendable {
        let value = Mutex(false)
    }
}
