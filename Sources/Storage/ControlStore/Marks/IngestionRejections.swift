import Synchronization
public import Time

/// Counts the events that were turned away or cut, by environment, reason and day, so that none is lost silently.
///
/// Counting is synchronous and touches memory only; ``run()`` writes the counts to the store every second and once more
/// when it is cancelled, and ``flush()`` does so at once.
public final class IngestionRejections: Sendable {
    private let store: ControlStore
    private let pending = Mutex<[Key: Tally]>([:])

    private struct Key: Hashable {
        let environmentID: Int64
        let reason: String
        let day: CalendarDate
    }

    private struct Tally {
        var count: Int64
        var lastAt: Timestamp
        var detail: String?

        mutating func add(_ other: Tally) {
            count += other.count
            if other.lastAt >= lastAt {
                lastAt = other.lastAt
                detail = other.detail ?? detail
            }
        }
    }

    /// The longest detail that is kept, in characters.
    private static let detailLimit = 500

    public init(store: ControlStore) {
        self.store = store
    }

    /// Counts `count` events of `environmentID`.
    /// - Parameters:
    ///   - reason: one of a fixed set of short names, such as `missing_user_id`; never text from a client.
    ///   - at: when it happened.
    ///   - detail: what was wrong with the last one; kept up to 500 characters.
    public func record(environmentID: Int64, reason: String, count: Int = 1, at: Timestamp, detail: String? = nil) {
        let key = Key(environmentID: environmentID, reason: reason, day: CalendarDate(at))
        let tally = Tally(count: Int64(count), lastAt: at, detail: detail.map { String($0.prefix(Self.detailLimit)) })
        pending.withLock { $0[key, default: Tally(count: 0, lastAt: at)].add(tally) }
    }

    /// Writes what has been counted since the last time. When that fails, nothing is forgotten.
    public func flush() async throws {
        let taken = pending.withLock { pending in
            defer { pending = [:] }
            return pending
        }
        if taken.isEmpty { return }
        do {
            try await store.write { database in try Self.write(taken, to: database) }
        } catch {
            pending.withLock { pending in
                for (key, tally) in taken {
                    var sum = tally
                    if let newer = pending[key] { sum.add(newer) }
                    pending[key] = sum
                }
            }
            throw error
        }
    }

    /// Flushes every second until the task is cancelled, then a last time. A failed flush is tried again.
    public func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            try? await flush()
        }
        // A task of its own: the cancelled one could not write any more.
        await Task { try? await self.flush() }.value
    }

    /// The counts of one environment, newest day first, then the most frequent.
    public func list(environmentID: Int64, limit: Int = 1_000) async throws -> [IngestionRejection] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT reason, day, count, last_at, last_detail FROM ingestion_rejections
                    WHERE environment_id = ? ORDER BY day DESC, count DESC, reason LIMIT ?
                    """,
                arguments: [environmentID, limit]
            ).map { row in
                try IngestionRejection(
                    reason: row.read("reason"), day: row.read("day"),
                    count: row.read("count"), lastAt: row.read("last_at"), lastDetail: row.read("last_detail"))
            }
        }
    }

    /// Counts for an environment that does not exist are dropped rather than failing the others.
    private static func write(_ tallies: [Key: Tally], to database: Database) throws {
        for (key, tally) in tallies {
            try database.executeUnlessOrphaned(
                sql: """
                    INSERT INTO ingestion_rejections (environment_id, reason, day, count, last_at, last_detail)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (environment_id, day, reason) DO UPDATE SET
                        count = count + excluded.count,
                        last_detail = iif(
                            excluded.last_at >= last_at, ifnull(excluded.last_detail, last_detail), last_detail),
                        last_at = max(last_at, excluded.last_at)
                    """,
                arguments: [
                    key.environmentID, key.reason, key.day.description, tally.count, tally.lastAt, tally.detail,
                ])
        }
    }
}

/// How many events of one environment were turned away on one day for one reason.
public struct IngestionRejection: Sendable, Equatable {
    /// Short name of the reason, such as `missing_user_id`.
    public let reason: String
    /// `YYYY-MM-DD`, UTC.
    public let day: String
    public let count: Int64
    public let lastAt: Timestamp
    /// What was wrong with the last of them.
    public let lastDetail: String?

    public init(reason: String, day: String, count: Int64, lastAt: Timestamp, lastDetail: String?) {
        self.reason = reason
        self.day = day
        self.count = count
        self.lastAt = lastAt
        self.lastDetail = lastDetail
    }
}
