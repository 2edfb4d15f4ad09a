import Logging
import TestSupport
import Testing

@testable import Queries

@Suite struct WorkerPoolTests {
    private let folder: TemporaryFolder
    private let pool: WorkerPool

    init() throws {
        folder = try TemporaryFolder()
        // Its one thread prepares for the next run before that begins.
        pool = try WorkerPool(
            program: QueryBench.program, limits: QueryLimits(), readableFolder: folder.path,
            workFolder: folder.file("work"), size: 1,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func aProcessWaitsForTheNextQuery() async throws {
        for _ in 0..<2 { try await pool.run { _ in } }
        #expect(pool.sparesStarted >= 1)
        pool.stop()
    }

    @Test func noneIsStartedToWaitOnceStopped() async throws {
        try await pool.run { [pool] _ in pool.stop() }
        try await pool.run { _ in }
        #expect(pool.sparesStarted == 0)
    }
}
