import EventStore
import Foundation
import Logging
import Synchronization

/// The mirror of one environment's part of a table. The log is the truth: a file is only ever made from it, so that whatever is found
/// missing, damaged or out of date is made again.
///
/// Rows are only added to the log behind all others, or deleted, and what comes later than it should changes the log's
/// ``EventStore/history``. A file therefore holds what the log holds between its ends exactly when it has as many rows.
final class EnvironmentMirror: Sendable {
    private struct State {
        /// Nil until it is first looked at.
        var content: MirrorContent?
        /// The log's ``EventStore/history`` when the files were last found to be as they were written, and to hold what
        /// the log holds; nil before the first time, and when they are in doubt.
        var verifiedHistory: Int?
        /// When somebody last had reason to doubt them.
        var doubtedAt: ContinuousClock.Instant?
        /// Everything up to there is in the mirror, if it is this environment's.
        var position = LogPosition.start
        /// Rows that there will be when what is under way is done.
        var expectedRows = 0
        /// The next update, as long as it has not begun: all who ask meanwhile share it.
        var nextUpdate: Task<Void, any Error>?
        /// The update that has begun and not ended.
        var presentUpdate: Task<Void, any Error>?
        /// Whether updates are no longer made.
        var isStopped = false
    }

    private let environmentID: Int64
    private let store: EventStore
    private let folder: MirrorFolder
    private var table: ShownTable { folder.table }
    private let logger: Logger
    /// Rows of a file at most, and of one piece of work.
    private let segmentRows: Int
    /// One at a time changes the mirror.
    private let changes = Turns(atOnce: 1)
    /// Shared by all environments: writing a file takes the engine's memory.
    private let copies: Turns
    private let state = Mutex(State())

    init(
        environmentID: Int64, store: EventStore, folder: MirrorFolder, copies: Turns, segmentRows: Int, logger: Logger
    ) {
        self.environmentID = environmentID
        self.store = store
        self.folder = folder
        self.copies = copies
        self.segmentRows = segmentRows
        self.logger = logger
    }

    /// What it holds at present.
    var snapshot: MirrorSnapshot { MirrorSnapshot(content) }

    /// Rows so far, and rows to be.
    var progress: MirrorError {
        state.withLock { .underWay(done: $0.content?.rowCount ?? 0, total: $0.expectedRows) }
    }

    /// Adds what the log has by now. It goes on when nobody waits for it any more, until ``stop()``.
    func update() -> Task<Void, any Error> {
        state.withLock { state in
            if let next = state.nextUpdate { return next }
            let task = Task {
                try await changes.run {
                    try beginUpdate()
                    defer { self.state.withLock { $0.presentUpdate = nil } }
                    try await bringUpToDate()
                }
            }
            state.nextUpdate = task
            return task
        }
    }

    /// Ends what is under way, and keeps updates from beginning. What has not been copied is copied another time.
    func stop() {
        let updates = state.withLock { state in
            state.isStopped = true
            return [state.presentUpdate, state.nextUpdate]
        }
        for update in updates { update?.cancel() }
    }

    /// Makes the files anew from which something was deleted in the log. Queries may come in between.
    func reconcile() async throws {
        var position = LogPosition.start
        while let next = try await changes.run({ try await reconcileSegment(after: position, readingFiles: false) }) {
            position = next
        }
    }

    /// Removes everything.
    func remove() async {
        await changes.run {
            open()
            let old = content
            // A number is never given twice: a file that is still being read has it.
            state.withLock { $0.content = MirrorContent(segments: [], nextNumber: old.nextNumber) }
            for segment in old.segments { segment.file.retire() }
            folder.remove()
        }
    }

    /// Has the next update look whether the files are as they were written.
    /// - Returns: false when that was done a moment ago: reading all of them is not for every query that fails.
    func doubt() -> Bool {
        state.withLock { state in
            if let last = state.doubtedAt, last.duration(to: .now) < Self.trust { return false }
            state.doubtedAt = .now
            state.verifiedHistory = nil
            return true
        }
    }

    private static let trust = Duration.seconds(60)
}

extension EnvironmentMirror {
    private var content: MirrorContent { state.withLock { $0.content ?? MirrorContent() } }

    private func beginUpdate() throws {
        try state.withLock { state in
            state.presentUpdate = state.nextUpdate.take()
            if state.isStopped { throw CancellationError() }
        }
    }

    private func open() {
        guard state.withLock({ $0.content == nil }) else { return }
        let found = folder.exists ? folder.load() : MirrorContent()
        state.withLock { state in
            state.content = found
            state.position = found.end
        }
    }

    private func bringUpToDate() async throws {
        open()
        try await verify()
        let position = state.withLock(\.position)
        let tail = try await store.tail(of: table, environmentID: environmentID, after: position)
        if tail.count > 0 { try await append(tail, after: position) }
        if let end = tail.end { state.withLock { $0.position = end } }
    }

    private func verify() async throws {
        let history = store.history
        let verified = state.withLock(\.verifiedHistory)
        guard verified != history else { return }
        var position = LogPosition.start
        while let next = try await reconcileSegment(after: position, readingFiles: verified == nil) { position = next }
        state.withLock { state in
            state.verifiedHistory = history
            // Something may have come between the last file and what was looked at since.
            state.position = state.content?.end ?? .start
        }
    }

    private func append(_ tail: EnvironmentTail, after position: LogPosition) async throws {
        state.withLock { $0.expectedRows = ($0.content?.rowCount ?? 0) + tail.count }
        try folder.make()
        guard tail.count > segmentRows else {
            let kept = Self.keptSegments(
                content.segments.map(\.rowCount), adding: tail.count, segmentRows: segmentRows)
            let start = kept < content.segments.count ? content.start(of: kept) : position
            return try await write(after: start, upTo: tail.last, replacing: kept..<content.segments.count)
        }
        logger.info("copying events for queries", metadata: ["events": "\(tail.count)"])
        let cuts = try await store.cuts(
            of: table, environmentID: environmentID, after: position, upTo: tail.last, size: segmentRows)
        var start = position
        for cut in cuts + [tail.last] {
            let end = content.segments.count
            try await write(after: start, upTo: cut, replacing: end..<end)
            start = cut
        }
    }

    /// How many segments stay as they are when `added` rows come: those behind that are not much larger than what comes
    /// are written anew together with it, so that there are few files and no row is written often.
    static func keptSegments(_ rowCounts: [Int], adding added: Int, segmentRows: Int) -> Int {
        var total = added
        var kept = rowCounts.count
        while kept > 0, rowCounts[kept - 1] <= 2 * total, rowCounts[kept - 1] + total <= segmentRows {
            total += rowCounts[kept - 1]
            kept -= 1
        }
        return kept
    }

    /// Compares the segment that ends after a position with the log, and makes it anew when they differ.
    /// - Parameter readsFile: whether to look at its file too.
    /// - Returns: where it ends, nil when there is none.
    private func reconcileSegment(
        after position: LogPosition, readingFiles readsFile: Bool
    ) async throws -> LogPosition? {
        open()
        guard let index = content.segments.firstIndex(where: { $0.end > position }) else { return nil }
        let segment = content.segments[index]
        let start = content.start(of: index)
        let count = try await store.count(of: table, environmentID: environmentID, after: start, upTo: segment.end)
        let isDamaged = readsFile ? try await digest(of: segment.file.path) != segment.digest : false
        if isDamaged {
            logger.warning("a copy of events was damaged and is made anew", metadata: ["file": "\(segment.file.path)"])
        }
        if isDamaged || count != segment.rowCount {
            try await write(after: start, upTo: segment.end, replacing: index..<index + 1)
        }
        return segment.end
    }

    /// Read on a thread that may block.
    private func digest(of path: String) async throws -> FileDigest? {
        try await store.readers.run { _ in FileDigest(of: path) }
    }

    /// Puts one file, with what the log has, in the place of segments; none when the log has nothing there.
    private func write(
        after start: LogPosition, upTo end: LogPosition, replacing replaced: Range<Int>
    ) async throws {
        var changed = content
        let number = changed.nextNumber
        changed.nextNumber += 1
        let part = folder.partPath(number)
        defer { try? FileManager.default.removeItem(atPath: part) }
        let count = try await copies.run {
            try await store.copy(table, environmentID: environmentID, after: start, upTo: end, to: part)
        }
        var added: [MirrorContent.Segment] = []
        if count > 0 {
            guard let digest = try await digest(of: part) else {
                throw MirrorError.failed(reason: "\(part) cannot be read back")
            }
            let (path, byteCount) = try folder.finish(number)
            added = [
                MirrorContent.Segment(
                    file: MirrorFile(path: path), end: end, rowCount: count, byteCount: byteCount, digest: digest)
            ]
        }
        let removed = changed.segments[replaced]
        changed.segments.replaceSubrange(replaced, with: added)
        do {
            try folder.publish(changed)
        } catch {
            for segment in added { segment.file.retire() }
            throw error
        }
        state.withLock { [changed] in $0.content = changed }
        for segment in removed { segment.file.retire() }
    }
}
