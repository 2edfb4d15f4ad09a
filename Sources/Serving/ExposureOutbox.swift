import ControlStore
import EventStore
import Foundation
import GRDB
import Logging

/// Experiment events on their way to the event store. They are written down in the control store first, in the
/// transaction that decides on them; from then on nothing is lost, and after a crash the outbox tells what is missing.
actor ExposureOutbox {
    /// Events written down that go to the event store in one commit.
    struct Piece: Sendable {
        let id: Int64
        let events: [ExperimentEvent]
    }

    /// Rows that go to the event store at a time: one an experience that an event counts for.
    private static let maximumRowsAtOnce = 20_000

    private let store: ControlStore
    private let events: EventStore
    private let logger: Logger
    /// What the event store has not taken yet.
    private var waiting: Set<Int64> = []
    /// What it has taken and is still here: removed along with the next events, which saves a commit.
    private(set) var delivered: Set<Int64> = []

    /// Since the event store was last told to forget.
    private var appendedCount = 0
    private var lastAppended: EventIdentifier?
    /// Pieces that the event store remembers in vain before it is told to forget them.
    private static let forgottenAfter = 10_000

    init(store: ControlStore, events: EventStore, logger: Logger) {
        self.store = store
        self.events = events
        self.logger = logger
    }

    /// Writes events down.
    static func write(_ events: [ExperimentEvent], in database: Database) throws -> [Piece] {
        try slices(events).map { slice in
            try database.execute(
                sql: "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)",
                arguments: [slice.first?.id.description, Data(ExperimentEvent.encoded(slice))])
            return Piece(id: database.lastInsertedRowID, events: Array(slice))
        }
    }

    /// Events in the pieces that the event store takes at a time.
    private static func slices(_ events: [ExperimentEvent]) -> [ArraySlice<ExperimentEvent>] {
        var slices: [ArraySlice<ExperimentEvent>] = []
        var (start, rows) = (0, 0)
        for (index, event) in events.enumerated() {
            let own = max(event.assignments.count, 1)
            if index > start, rows + own > maximumRowsAtOnce {
                slices.append(events[start..<index])
                (start, rows) = (index, 0)
            }
            rows += own
        }
        if start < events.count { slices.append(events[start...]) }
        return slices
    }

    /// Takes a piece to the event store; when that fails it stays for ``deliverRest()``.
    func deliver(_ piece: Piece) async {
        do {
            try await events.append(piece.events)
            waiting.remove(piece.id)
            delivered.insert(piece.id)
            appendedCount += 1
            lastAppended = max(lastAppended ?? piece.events[0].id, piece.events[0].id)
        } catch {
            waiting.insert(piece.id)
            logger.error("experiment events wait for the event store", metadata: ["reason": "\(error)"])
        }
    }

    /// Removes pieces that the event store has.
    static func remove(_ delivered: Set<Int64>, from database: Database) throws {
        let statement = try database.cachedStatement(sql: "DELETE FROM exposure_outbox WHERE id = ?")
        for id in delivered { try statement.execute(arguments: [id]) }
    }

    /// Pieces that were removed.
    func forget(_ removed: Set<Int64>) { delivered.subtract(removed) }

    /// Removes what the event store has, when nothing else is written.
    func tidy() async {
        guard !delivered.isEmpty else { return }
        do {
            let removed = delivered
            try await store.database.write { try Self.remove(removed, from: $0) }
            forget(removed)
            if appendedCount >= Self.forgottenAfter, waiting.isEmpty, let lastAppended {
                try await events.forgetAppended(upTo: lastAppended)
                appendedCount = 0
            }
        } catch {
            logger.error("experiment events that are stored stay in the outbox", metadata: ["reason": "\(error)"])
        }
    }

    /// Tries what could not be delivered once more. One that cannot holds up no other.
    func deliverRest() async {
        for id in waiting.sorted() {
            do {
                let written = try await store.database.read { database in
                    try Data.fetchOne(database, sql: "SELECT events FROM exposure_outbox WHERE id = ?", arguments: [id])
                }
                guard let written else { continue }
                if let decoded = try? ExperimentEvent.decoded(Array(written)) {
                    await deliver(Piece(id: id, events: decoded))
                } else {
                    try await events.append(rows: String(decoding: written, as: UTF8.self))
                    waiting.remove(id)
                    delivered.insert(id)
                }
            } catch {
                logger.error("experiment events cannot be read back", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Finds what a crash kept from the event store. A piece goes there in one commit: its first event tells.
    func recover() async throws {
        let left = try await store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT id, first_exposure_id FROM exposure_outbox ORDER BY id").map {
                (id: $0["id"] as Int64, first: $0["first_exposure_id"] as String)
            }
        }
        for (id, first) in left {
            guard let identifier = EventIdentifier(first) else { continue }
            if try await events.hasAppended(from: identifier) {
                delivered.insert(id)
            } else {
                waiting.insert(id)
            }
        }
    }
}
