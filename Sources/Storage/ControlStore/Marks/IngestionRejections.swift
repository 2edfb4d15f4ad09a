import Foundation
import Synchronization
public import Time

/// Counts the events that were turned away or cut, by environment, reason and day, so that none is lost silently, and keeps a
/// few of each reason for a week.
///
/// Counting is synchronous and touches memory only; ``run()`` writes the counts to the store every second and once more
/// when it is cancelled, and ``flush()`` does so at once.
public final class IngestionRejections: Sendable {
    private let store: ControlStore
    private let clock: WallClock
    private let pending = Mutex(Pending())
    /// The flush that was begun last: they go one after the other, so that whoever waits for one has waited for all before.
    private let lastFlush = Mutex<Task<Void, any Error>?>(nil)

    private struct Pending {
        var tallies: [Key: Tally] = [:]
        /// In the order in which they came.
        var samples: [(kind: Kind, sample: RejectionSample)] = []
        var sampleCounts: [Kind: Int] = [:]

        var isEmpty: Bool { tallies.isEmpty && samples.isEmpty }
    }

    private struct Kind: Hashable {
        let environmentID: Int64
        let reason: String
    }

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
    /// Samples that are kept of a reason: the newest.
    public static let samplesOfReason = 5
    /// How long samples are kept.
    public static let sampleDays: Int64 = 7

    /// - Parameter clock: tells the age of samples.
    public init(store: ControlStore, clock: WallClock = .system) {
        self.store = store
        self.clock = clock
    }

    /// Counts `count` events of `environmentID`.
    /// - Parameters:
    ///   - reason: one of a fixed set of short names, such as `missing_user_id`; never text from a client.
    ///   - at: when it happened.
    ///   - detail: what was wrong with the last one; kept up to 500 characters.
    public func record(environmentID: Int64, reason: String, count: Int = 1, at: Timestamp, detail: String? = nil) {
        let key = Key(environmentID: environmentID, reason: reason, day: CalendarDate(at))
        let tally = Tally(count: Int64(count), lastAt: at, detail: detail.map { String($0.prefix(Self.detailLimit)) })
        pending.withLock { $0.tallies[key, default: Tally(count: 0, lastAt: at)].add(tally) }
    }

    /// Whether a sample of this reason is wanted: of many at once a few are enough, and nothing is copied of the others.
    public func takesSample(environmentID: Int64, reason: String) -> Bool {
        let kind = Kind(environmentID: environmentID, reason: reason)
        return pending.withLock { $0.sampleCounts[kind, default: 0] } < Self.samplesOfReason
    }

    /// Keeps an event that was turned away, in the place of the oldest of its reason.
    public func add(_ sample: RejectionSample, environmentID: Int64, reason: String) {
        let kind = Kind(environmentID: environmentID, reason: reason)
        pending.withLock { pending in
            guard pending.sampleCounts[kind, default: 0] < Self.samplesOfReason else { return }
            pending.sampleCounts[kind, default: 0] += 1
            pending.samples.append((kind, sample))
        }
    }

    /// Writes what has been counted since the last time. When that fails, no count is forgotten.
    public func flush() async throws {
        let flush = lastFlush.withLock { last in
            let before = last
            let flush = Task {
                _ = await before?.result
                try await writePending()
            }
            last = flush
            return flush
        }
        try await flush.value
    }

    private func writePending() async throws {
        let taken = pending.withLock { pending in
            defer { pending = Pending() }
            return pending
        }
        if taken.isEmpty { return }
        do {
            try await store.write { database in
                try Self.write(taken.tallies, to: database)
                for (kind, sample) in taken.samples { try Self.write(sample, kind, to: database) }
            }
        } catch {
            pending.withLock { pending in
                for (key, tally) in taken.tallies {
                    var sum = tally
                    if let newer = pending.tallies[key] { sum.add(newer) }
                    pending.tallies[key] = sum
                }
            }
            throw error
        }
    }

    /// Flushes every second until the task is cancelled, then a last time. A failed flush is tried again. Samples whose time
    /// is over are removed once an hour.
    public func run() async {
        var seconds = 0
        while !Task.isCancelled {
            if seconds % 3_600 == 0 { try? await removeOldSamples() }
            seconds &+= 1
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

    /// Samples of one environment, the newest first.
    /// - Parameter reason: only of this one; nil for all.
    public func samples(
        environmentID: Int64, reason: String? = nil, limit: Int = 200
    ) async throws -> [(reason: String, sample: RejectionSample)] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT reason, at, key_id, field, message, event, event_bytes FROM rejection_samples
                    WHERE environment_id = ?1 AND (?2 IS NULL OR reason = ?2) ORDER BY id DESC LIMIT ?3
                    """,
                arguments: [environmentID, reason, limit]
            ).map { row in (try row.read("reason"), try RejectionSample(row)) }
        }
    }

    /// Forgets the samples that may tell of users or companies, and the words of counts that do. Those that wait are written
    /// before.
    public func removeText(mentioning ids: [String], environmentID: Int64) async throws {
        if ids.isEmpty { return }
        try await flush()
        let mentions = SampleMentions(ids)
        // Looked through by a reader: writers do not wait for it.
        let found = try await store.read { database in
            try database.rows(
                sql: "SELECT id, field, message, event FROM rejection_samples WHERE environment_id = ?",
                arguments: [environmentID]
            ).compactMap { row throws -> Int64? in
                let event: Data? = try row.read("event")
                let texts: [String] = [try row.read("field"), try row.read("message")]
                return mentions.mayBe(in: texts, event: event.map { Array($0) }) ? try row.read("id") : nil
            }
        }
        try await store.write { database in
            for id in found {
                try database.execute(prepared: "DELETE FROM rejection_samples WHERE id = ?", arguments: [id])
            }
            guard ids.count <= SampleMentions.maximumCount else {
                try database.execute(
                    sql: "UPDATE ingestion_rejections SET last_detail = NULL WHERE environment_id = ?",
                    arguments: [environmentID])
                return
            }
            for id in ids where !id.isEmpty {
                try database.execute(
                    prepared: """
                        UPDATE ingestion_rejections SET last_detail = NULL
                        WHERE environment_id = ? AND instr(last_detail, ?) > 0
                        """,
                    arguments: [environmentID, id])
            }
        }
    }

    /// Removes the samples whose time is over.
    public func removeOldSamples() async throws {
        let time = clock.now.adding(seconds: -Self.sampleDays * 86_400)
        try await store.write { database in
            try database.execute(sql: "DELETE FROM rejection_samples WHERE at < ?", arguments: [time])
        }
    }

    private static func write(_ sample: RejectionSample, _ kind: Kind, to database: Database) throws {
        try database.executeUnlessOrphaned(
            sql: """
                INSERT INTO rejection_samples (environment_id, reason, at, key_id, field, message, event, event_bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                kind.environmentID, kind.reason, sample.at, sample.keyID, String(sample.field.prefix(detailLimit)),
                String(sample.message.prefix(detailLimit)), sample.event.map { Data($0) },
                sample.eventByteCount.map { Int64($0) },
            ])
        try database.execute(
            prepared: """
                DELETE FROM rejection_samples WHERE environment_id = ?1 AND reason = ?2 AND id <= (
                    SELECT id FROM rejection_samples WHERE environment_id = ?1 AND reason = ?2
                    ORDER BY id DESC LIMIT 1 OFFSET ?3)
                """,
            arguments: [kind.environmentID, kind.reason, samplesOfReason])
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
