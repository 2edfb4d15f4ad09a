import Foundation
import JSON
import Sandbox
import Synchronization

/// What the server says and hears while a process runs a query.
struct QueryConversation {
    let order: QueryOrder
    let stop: QueryStop
    /// Takes the bytes of a whole result as they come, and may block; nil where the result is collected. What it throws
    /// ends the query.
    var sink: WholeResultSink?

    /// How often the file of a Parquet result is looked at.
    private static let watching = Duration.milliseconds(50)

    /// Has a process run the query. Afterwards it is dead, whatever it was doing.
    ///
    /// - Throws: ``QueryFailure``, ``QueryError``, ``WorkerNotBegun``; `CancellationError` when the query was stopped.
    func run(on process: ChildProcess) throws -> QueryResult {
        guard stop.begin(process) else { throw CancellationError() }
        defer {
            process.kill()
            stop.end()
        }
        do {
            return try converse(process)
        } catch  where stop.isStopped {
            throw CancellationError()
        }
    }

    private func converse(_ process: ChildProcess) throws -> QueryResult {
        let start = ContinuousClock.now + .seconds(WorkerPool.startSeconds)
        do {
            try process.write(WorkerFrame(kind: .order, content: order.encoded).encoded(), until: start)
        } catch {
            throw WorkerNotBegun(process)
        }
        var hearing = Hearing(process: process)
        guard let first = try hearing.next(until: { start }, order: order) else { throw WorkerNotBegun(process) }
        guard first.kind == .begun else { throw WorkerFrameReader.Damaged() }
        let deadline = ContinuousClock.now + .seconds(order.seconds)
        var bytes: [UInt8] = []
        while let frame = try hearing.next(until: { deadline }, order: order) {
            switch frame.kind {
            case .bytes where sink != nil:
                try handOver(frame.content, until: deadline)
            case .bytes:
                bytes += frame.content
                guard bytes.count <= order.resultBytes + WorkerFrameReader.maximumContentBytes else {
                    throw QueryError.tooLarge(limitBytes: order.resultBytes)
                }
            case .done: return try result(frame.content, bytes)
            case .failed:
                guard let failure = QueryFailure(frame.content) else { throw WorkerFrameReader.Damaged() }
                throw failure
            case .settings, .order, .table, .begun: throw WorkerFrameReader.Damaged()
            }
        }
        throw QueryError.engineFailed(reason: process.endingReason)
    }

    private func handOver(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws {
        do {
            try sink?.take(bytes) { ContinuousClock.now >= deadline }
        } catch is CancellationError where ContinuousClock.now >= deadline {
            throw QueryError.timedOut(seconds: order.seconds)
        }
    }

    private func result(_ content: [UInt8], _ bytes: [UInt8]) throws -> QueryResult {
        guard let value = try? JSONValue(parsing: content), let rows = value["rows"]?.int64,
            let isTruncated = value["truncated"]?.bool
        else { throw WorkerFrameReader.Damaged() }
        return QueryResult(bytes: bytes, rowCount: Int(rows), isTruncated: isTruncated)
    }

    /// The frames of a process as they come.
    private struct Hearing {
        let process: ChildProcess
        private var reader = WorkerFrameReader()

        init(process: ChildProcess) {
            self.process = process
        }

        /// The next frame; nil when the process has ended without one.
        mutating func next(until deadline: () -> ContinuousClock.Instant, order: QueryOrder) throws -> WorkerFrame? {
            let deadline = deadline()
            while true {
                if let frame = try reader.next() { return frame }
                let now = ContinuousClock.now
                guard now < deadline else { throw QueryError.timedOut(seconds: order.seconds) }
                let pause = order.format == .parquet ? min(deadline, now + QueryConversation.watching) : deadline
                guard let bytes = process.read(until: pause) else { return nil }
                reader.add(bytes)
                if order.format == .parquet { try checkSize(order) }
            }
        }

        private func checkSize(_ order: QueryOrder) throws(QueryError) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: order.resultPath)
            guard (attributes?[.size] as? Int ?? 0) <= order.resultBytes else {
                throw .tooLarge(limitBytes: order.resultBytes)
            }
        }
    }
}

/// Stops a query from elsewhere: its caller has gone, or the server stops.
final class QueryStop: Sendable {
    private struct State {
        var process: ChildProcess?
        var isStopped = false
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Ends the process that runs the query, or keeps one from beginning.
    func stop() {
        let process = state.withLock { state in
            state.isStopped = true
            return state.process
        }
        process?.kill()
    }

    /// Whether the query may begin.
    func begin(_ process: ChildProcess) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.process = process
            return true
        }
    }

    func end() {
        state.withLock { $0.process = nil }
    }
}
