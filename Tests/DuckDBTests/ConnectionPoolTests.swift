import Foundation
import Synchronization
import Testing

@testable import DuckDB

/// Something that happens once, awaited without holding a thread.
private final class Flag: Sendable {
    private let isRaised = Atomic<Bool>(false)

    func raise() { isRaised.store(true, ordering: .sequentiallyConsistent) }

    func wait() async throws {
        while !isRaised.load(ordering: .sequentiallyConsistent) { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// Notes numbers from any thread, in the order they come.
private final class Order: Sendable {
    private let noted = Mutex<[Int]>([])

    var numbers: [Int] { noted.withLock { $0 } }

    func append(_ number: Int) { noted.withLock { $0.append(number) } }
}

/// Counts from any thread.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}

@Suite(.timeLimit(.minutes(2))) struct ConnectionPoolTests {
    private let endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b"

    private func pool(size: Int, threads: Int? = nil) throws -> ConnectionPool {
        try ConnectionPool(try Database(path: nil), size: size, threads: threads)
    }

    @Test func bodiesRunOnThreadsOfThePoolAndLeaveTheCooperativeOnesFree() async throws {
        let size = ProcessInfo.processInfo.activeProcessorCount + 2
        let pool = try pool(size: size)
        let release = DispatchSemaphore(value: 0)
        let started = Counter()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<size {
                group.addTask {
                    try await pool.run { _ in
                        started.add()
                        release.wait()
                        return try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                    }
                }
            }
            // More bodies block than the cooperative pool has threads; this task must go on all the same.
            while started.value < size { try await Task.sleep(for: .milliseconds(2)) }
            for _ in 0..<size { release.signal() }
            for try await name in group { #expect(name.hasPrefix("TP-")) }
        }
        try await pool.shutDown()
    }

    @Test func callersAreServedInTheOrderTheyCame() async throws {
        let pool = try pool(size: 1)
        let release = DispatchSemaphore(value: 0)
        let began = Flag()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await pool.run { _ in
                    began.raise()
                    release.wait()
                }
            }
            try await began.wait()
            for number in 0..<20 {
                group.addTask { try await pool.run { _ in order.append(number) } }
                while pool.waiting <= number { try await Task.sleep(for: .milliseconds(1)) }
            }
            release.signal()
            try await group.waitForAll()
        }
        #expect(order.numbers == Array(0..<20))
        try await pool.shutDown()
    }

    @Test func cancellationInterruptsTheRunningStatement() async throws {
        let pool = try pool(size: 1)
        let began = Flag()
        let task = Task { [endless] in
            try await pool.run { connection in
                began.raise()
                try connection.execute(endless)
            }
        }
        try await began.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await pool.run { try $0.integer("SELECT 42") } == 42)
        try await pool.shutDown()
    }

    @Test func cancellationAtAnyMomentStopsTheStatement() async throws {
        let pool = try pool(size: 2)
        for delay in 0..<200 {
            let task = Task { [endless] in try await pool.run { try $0.execute(endless) } }
            try await Task.sleep(for: .microseconds(delay * 20))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await pool.run { try $0.integer("SELECT 42") } == 42)
        }
        try await pool.shutDown()
    }

    @Test func cancellationRefusesTheStatementsThatFollow() async throws {
        let pool = try pool(size: 1)
        let statements = Counter()
        let task = Task {
            try await pool.run { connection in
                while true {
                    try connection.execute("SELECT 1")
                    statements.add()
                }
            }
        }
        while statements.value < 10 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await pool.shutDown()
    }

    @Test func cancelledTransactionIsRolledBack() async throws {
        let pool = try pool(size: 1)
        try await pool.run { try $0.execute("CREATE TABLE t(a INT)") }
        let began = Flag()
        let task = Task { [endless] in
            try await pool.run { connection in
                try connection.transaction {
                    try connection.execute("INSERT INTO t VALUES (1)")
                    began.raise()
                    try connection.execute(endless)
                }
            }
        }
        try await began.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await pool.run { try $0.integer("SELECT count(*) FROM t") } == 0)
        try await pool.shutDown()
    }

    @Test func cancellationWhileWaitingGivesUpThePlace() async throws {
        let pool = try pool(size: 1)
        let release = DispatchSemaphore(value: 0)
        let began = Flag()
        let holder = Task {
            try await pool.run { _ in
                began.raise()
                release.wait()
            }
        }
        try await began.wait()
        let ran = Counter()
        let waiter = Task { try await pool.run { _ in ran.add() } }
        while pool.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(pool.waiting == 0)
        release.signal()
        try await holder.value
        #expect(try await pool.run { try $0.integer("SELECT 42") } == 42)
        #expect(ran.value == 0)
        try await pool.shutDown()
    }

    @Test func lateCancellationNeverReachesTheNextTask() async throws {
        let pool = try pool(size: 1)
        for _ in 0..<300 {
            let early = Task { try await pool.run { try $0.integer("SELECT 1") } }
            let next = Task { try await pool.run { try $0.integer("SELECT 2") } }
            early.cancel()
            _ = try? await early.value
            #expect(try await next.value == 2)
        }
        try await pool.shutDown()
    }

    @Test func connectionComesBackAtRest() async throws {
        struct Refusal: Error {}
        let pool = try pool(size: 1)
        await #expect(throws: Refusal.self) {
            try await pool.run { connection in
                try connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(100000); BEGIN; DELETE FROM t")
                _ = try connection.query("SELECT * FROM range(1000000)").next()
                throw Refusal()
            }
        }
        #expect(try await pool.run { try $0.integer("SELECT count(*) FROM t") } == 100_000)
        try await pool.run { try $0.execute("BEGIN; DELETE FROM t; COMMIT") }
        #expect(try await pool.run { try $0.integer("SELECT count(*) FROM t") } == 0)
        try await pool.shutDown()
    }

    @Test func moreConnectionsThanThreadsStillServeEveryone() async throws {
        let pool = try pool(size: 4, threads: 2)
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<200 {
                group.addTask { try await pool.run { try $0.integer("SELECT ?", [.int64(Int64(number))]) ?? -1 } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 199 * 100)
        try await pool.shutDown()
    }

    @Test func shutDownWaitsForBodiesAndRefusesTheRest() async throws {
        let pool = try pool(size: 1)
        let began = Flag()
        let release = DispatchSemaphore(value: 0)
        let running = Task {
            try await pool.run { connection in
                began.raise()
                release.wait()
                return try connection.integer("SELECT 42")
            }
        }
        try await began.wait()
        let waiting = Task { try await pool.run { try $0.integer("SELECT 1") } }
        while pool.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let shutDown = Task { try await pool.shutDown() }
        await #expect(throws: PoolError.shutDown) { try await waiting.value }
        await #expect(throws: PoolError.shutDown) { try await pool.run { try $0.integer("SELECT 1") } }
        release.signal()
        #expect(try await running.value == 42)
        try await shutDown.value
    }
}
