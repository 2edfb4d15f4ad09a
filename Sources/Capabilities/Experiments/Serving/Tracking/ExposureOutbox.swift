import ControlStore
import EventStore
import Foundation
import JSON
import Logging
import Time

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
    private let clock: WallClock
    private let logger: Logger
    /// What the event store has not taken yet, and how often it has refused it for what it is.
    private var waiting: [Int64: Int] = [:]
    /// Whether it was the event store's own fault that the last piece could not be taken.
    private var isStoreInTrouble = false
    /// What it has taken and is still here: removed along with the next events, which saves a commit.
    private(set) var delivered: Set<Int64> = []

    /// Since the event store was last told to forget.
    private var appendedCount = 0
    private var lastAppended: EventIdentifier?
    /// Pieces that the event store remembers in vain before it is told to forget them.
    private static let forgottenAfter = 10_000

    init(store: ControlStore, events: EventStore, clock: WallClock, logger: Logger) {
        self.store = store
        self.events = events
        self.clock = clock
        self.logger = logger
    }

    /// Times that events are refused before they are set aside.
    private static let attempts = 3

    /// Writes events down.
    static func write(_ events: [ExperimentEvent], in database: Database) throws -> [Piece] {
        try slices(events).map { slice in
            let id = try database.insert(
                sql: "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)",
                arguments: [slice.first?.id.description, Data(ExperimentEvent.encoded(slice))])
            return Piece(id: id, events: Array(slice))
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
            waiting[piece.id] = nil
            delivered.insert(piece.id)
            appendedCount += 1
            lastAppended = max(lastAppended ?? piece.events[0].id, piece.events[0].id)
        } catch {
            isStoreInTrouble = EventStoreTrouble.isCause(of: error)
            waiting[piece.id, default: 0] += EventStoreTrouble.isAboutRows(error) ? 1 : 0
            if waiting[piece.id, default: 0] >= Self.attempts { return await takeApart(piece, "\(error)") }
            logger.error("experiment events wait for the event store", metadata: ["reason": "\(error)"])
        }
    }

    /// Removes pieces that the event store has.
    static func remove(_ delivered: Set<Int64>, from database: Database) throws {
        let statement = try database.prepare("DELETE FROM exposure_outbox WHERE id = ?")
        for id in delivered { try statement.execute(arguments: [id]) }
    }

    /// Pieces that were removed.
    func forget(_ removed: Set<Int64>) { delivered.subtract(removed) }

    /// Removes what the event store has, when nothing else is written.
    func tidy() async {
        guard !delivered.isEmpty else { return }
        do {
            let removed = delivered
            try await store.write { try Self.remove(removed, from: $0) }
            forget(removed)
            if appendedCount >= Self.forgottenAfter, waiting.isEmpty, let lastAppended {
                try await events.forgetAppended(upTo: lastAppended)
                appendedCount = 0
            }
        } catch {
            logger.error("experiment events that are stored stay in the outbox", metadata: ["reason": "\(error)"])
        }
    }

    /// Tries what could not be delivered once more. One that cannot holds up no other; while the event store itself is in
    /// trouble, which one tells as well as all, the rest stays where it is.
    func deliverRest() async {
        isStoreInTrouble = false
        for id in waiting.keys.sorted() {
            if isStoreInTrouble { return }
            do {
                let written = try await store.read { database in
                    try database.value(
                        Data.self, sql: "SELECT events FROM exposure_outbox WHERE id = ?", arguments: [id])
                }
                guard let written else {
                    waiting[id] = nil
                    continue
                }
                try await deliver(Array(written), of: id)
            } catch {
                logger.error("experiment events cannot be read back", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func deliver(_ written: [UInt8], of id: Int64) async throws {
        let elements: [ExperimentEvent.Written]
        do {
            elements = try ExperimentEvent.elements(written)
        } catch {
            // Reading it again would tell the same.
            return try await replace(id, with: [], settingAside: [SetAsideEntry(written, of: id, "\(error)")])
        }
        if elements.isEmpty { return try await replace(id, with: [], settingAside: []) }
        let events = elements.compactMap { if case .event(let event) = $0 { event } else { nil } }
        if events.count == elements.count { return await deliver(Piece(id: id, events: events)) }
        let unknown = elements.compactMap { if case .unknown(let value) = $0 { value } else { nil } }
        let rows = unknown.filter { $0["exposure_id"] != nil }
        if rows.count == elements.count {
            // As versions before 2026-12 wrote them down.
            try await append(rows: String(decoding: written, as: UTF8.self), of: id)
            return
        }
        try await replace(
            id, with: [events],
            settingAside: unknown.enumerated().map { SetAsideEntry($1, number: $0, of: id, UnknownExperimentEvent()) })
    }

    private func append(rows: String, of id: Int64) async throws {
        do {
            try await events.append(rows: rows)
            waiting[id] = nil
            delivered.insert(id)
        } catch {
            isStoreInTrouble = EventStoreTrouble.isCause(of: error)
            waiting[id, default: 0] += EventStoreTrouble.isAboutRows(error) ? 1 : 0
            guard waiting[id, default: 0] >= Self.attempts else { throw error }
            try await replace(id, with: [], settingAside: [SetAsideEntry(Array(rows.utf8), of: id, "\(error)")])
        }
    }

    /// Splits what the event store refuses, until a single event is left, which is set aside.
    private func takeApart(_ piece: Piece, _ reason: String) async {
        let middle = piece.events.count / 2
        do {
            if piece.events.count > 1 {
                let parts = [Array(piece.events[..<middle]), Array(piece.events[middle...])]
                try await replace(piece.id, with: parts, settingAside: [], refusedBefore: Self.attempts - 1)
            } else {
                try await replace(piece.id, with: [], settingAside: piece.events.map { SetAsideEntry($0, reason) })
            }
        } catch {
            logger.error("experiment events cannot be set aside", metadata: ["reason": "\(error)"])
        }
    }

    /// Writes events down anew, in other pieces: each is known by its first event.
    private func replace(
        _ id: Int64, with parts: [[ExperimentEvent]], settingAside entries: [SetAsideEntry], refusedBefore: Int = 0
    ) async throws {
        let now = clock.now
        let pieces = try await store.write { database in
            try Self.remove([id], from: database)
            for entry in entries { try SetAside.insert(entry, at: now, in: database) }
            return try parts.flatMap { try Self.write($0, in: database) }
        }
        waiting[id] = nil
        for piece in pieces { waiting[piece.id] = refusedBefore }
    }

    /// Finds what a crash kept from the event store. A piece goes there in one commit: its first event tells.
    func recover() async throws {
        let left = try await store.read { database in
            try database.rows(sql: "SELECT id, first_exposure_id FROM exposure_outbox ORDER BY id").map {
                // Without its first event's id a piece counts as kept from there.
                (
                    id: try $0.read("id", as: Int64.self),
                    first: (try? $0.read("first_exposure_id", as: String.self)) ?? ""
                )
            }
        }
        for (id, first) in left {
            if let identifier = EventIdentifier(first), try await events.hasAppended(from: identifier) {
                delivered.insert(id)
            } else {
                waiting[id] = 0
            }
        }
    }
}
