import ControlStore
import Dispatch
import Logging
import Synchronization

/// Keeps the tables that lists are made from in memory: of each kind and environment the attributes that were asked for,
/// read from the store when they are first, and brought up to date with what commits have touched since.
///
/// All is done on one queue but for the first reading, which takes seconds for a million profiles. What a commit has
/// touched is read when somebody asks, or when it has become much.
final class ProfileTables: Sendable {
    struct Key: Hashable {
        let kind: ProfileKind
        let environmentID: Int64
    }

    private struct Entry {
        var table: ProfileTable
        var lastUses: [ProfileAttribute: Int] = [:]
        var usedAt = ContinuousClock.now
    }

    /// A reading under way.
    private struct Load {
        let task: Task<Void, any Error>
        /// Touched since it began.
        var touched: Set<Int64> = []
        /// Whether more was touched than anybody knows.
        var isOutdated = false
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var loads: [Key: Load] = [:]
        var uses = 0
    }

    private enum Step {
        case ready(ProfileTable)
        case wait(Task<Void, any Error>)
    }

    /// Memory that all tables take together, in bytes.
    private let mostBytes: Int
    /// How long a table is kept after its last use: as long as syncs lie apart that come every few hours.
    private static let idleTime = Duration.seconds(6 * 3_600)
    /// Profiles that are read at a time.
    private static let rowsAtOnce = 1_000

    private let queue = DispatchQueue(label: "profile tables")
    private let store: ControlStore
    private let reader: ControlReader
    private let watches: [ProfileKind: RowWatch]
    private let state = Mutex(State())

    init(store: ControlStore, mostBytes: Int, logger: Logger) throws {
        self.store = store
        self.mostBytes = mostBytes
        reader = try store.makeReader()
        let many = Signal()
        watches = ProfileKind.allCases.reduce(into: [:]) { watches, kind in
            watches[kind] = RowWatch(store, table: ProfileRows.table(kind)) { many.call() }
        }
        watch(false)
        many.set { [weak self] in self?.catchUpLater(logger) }
    }

    /// The profiles as they are now, with these attributes.
    /// - Throws: ``ProfileListError/tooLarge``, ``StoreError``.
    func table(
        _ kind: ProfileKind, environmentID: Int64, _ attributes: Set<ProfileAttribute>
    ) async throws -> ProfileTable {
        let key = Key(kind: kind, environmentID: environmentID)
        while true {
            try Task.checkCancellation()
            switch try await onQueue({ try self.step(key, attributes) }) {
            case .ready(let table): return table
            case .wait(let task): try await task.value
            }
        }
    }

    private func step(_ key: Key, _ attributes: Set<ProfileAttribute>) throws -> Step {
        try state.withLock { state in
            try catchUp(&state)
            state.uses += 1
            if var entry = state.entries[key], attributes.isSubset(of: entry.table.attributes) {
                for attribute in attributes { entry.lastUses[attribute] = state.uses }
                entry.usedAt = .now
                state.entries[key] = entry
                return .ready(entry.table)
            }
            if let load = state.loads[key] { return .wait(load.task) }
            watch(true)
            let missing = attributes.subtracting(state.entries[key]?.table.attributes ?? [])
            let task = Task { try await self.load(key, missing, of: attributes) }
            state.loads[key] = Load(task: task)
            return .wait(task)
        }
    }

    // MARK: - Reading

    private final class Building: Sendable {
        let table: Mutex<ProfileTable>

        init(_ attributes: Set<ProfileAttribute>) { table = Mutex(ProfileTable(attributes)) }
    }

    private func load(
        _ key: Key, _ attributes: Set<ProfileAttribute>, of wanted: Set<ProfileAttribute>
    ) async throws {
        let building = Building(attributes)
        do {
            // A transaction that was under way when the watch was turned on has ended.
            try await store.write { _ in }
            var last: Int64? = .min
            while let id = last {
                last = try await store.read { database in
                    try building.table.withLock { table in
                        try ProfileRows.page(
                            key.kind, key.environmentID, after: id, readsProperties: table.needsProperties,
                            from: database
                        ) { table.append($0) }
                    }
                }
                let isTooLarge = building.table.withLock { $0.isFull || $0.byteCount > mostBytes }
                if isTooLarge { throw ProfileListError.tooLarge }
            }
        } catch {
            await onQueue { self.state.withLock { $0.loads[key] = nil } }
            throw error
        }
        try await onQueue { try self.install(building.table.withLock { $0 }, for: key, wanted) }
    }

    private func install(_ part: ProfileTable, for key: Key, _ wanted: Set<ProfileAttribute>) throws {
        try state.withLock { state in
            defer { state.loads[key] = nil }
            try catchUp(&state)
            if state.loads[key]?.isOutdated ?? true { return }
            var entry = state.entries[key] ?? Entry(table: part)
            if state.entries[key] != nil { entry.table.adopt(part) }
            if let touched = state.loads[key]?.touched {
                try refresh(&entry.table, touched, key)
            }
            state.uses += 1
            for attribute in wanted where entry.table.attributes.contains(attribute) {
                entry.lastUses[attribute] = state.uses
            }
            entry.usedAt = .now
            state.entries[key] = entry
            shrink(&state)
        }
    }

    private func refresh(_ table: inout ProfileTable, _ touched: Set<Int64>, _ key: Key) throws {
        try forEachPiece(of: touched) { piece in
            let rows = try reader.read {
                try ProfileRows.facts(key.kind, ids: piece, readsProperties: table.needsProperties, from: $0)
            }
            table.update(rows.filter { $0.environmentID == key.environmentID })
            table.remove(Array(Set(piece).subtracting(rows.map(\.id))))
        }
    }

    /// Gives up what was used least lately while a table has too many attributes, or all together take too much memory.
    /// What was asked for last stays.
    private func shrink(_ state: inout State) {
        while true {
            let isTooLarge = state.entries.values.reduce(0, { $0 + $1.table.byteCount }) > mostBytes
            let uses = state.entries.flatMap { key, entry in
                let counts = isTooLarge || entry.lastUses.count > ProfileQuery.maximumAttributes
                return counts ? entry.lastUses.map { (key: key, attribute: $0.key, use: $0.value) } : []
            }
            guard let least = uses.min(by: { $0.use < $1.use }), least.use < state.uses else { return }
            state.entries[least.key]?.table.keep { $0 != least.attribute }
            state.entries[least.key]?.lastUses[least.attribute] = nil
            if state.entries[least.key]?.lastUses.isEmpty ?? true { state.entries[least.key] = nil }
        }
    }

    // MARK: - Keeping up

    private func catchUpLater(_ logger: Logger) {
        queue.async {
            do {
                try self.state.withLock { try self.catchUp(&$0) }
            } catch {
                logger.warning("lists of profiles are read anew", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Takes over what commits have touched.
    private func catchUp(_ state: inout State) throws {
        let oldest = ContinuousClock.now - Self.idleTime
        state.entries = state.entries.filter { $0.value.usedAt > oldest }
        if state.entries.isEmpty && state.loads.isEmpty {
            watch(false)
            return
        }
        for kind in ProfileKind.allCases {
            guard case .rows(let touched)? = watches[kind]?.take() else {
                forget(kind, &state)
                continue
            }
            if touched.isEmpty { continue }
            // Which of them belong to an environment that is being read is not known yet.
            for key in state.loads.keys where key.kind == kind { state.loads[key]?.touched.formUnion(touched) }
            do {
                try forEachPiece(of: touched) { try apply($0, kind, &state) }
            } catch {
                forget(kind, &state)
                throw error
            }
        }
    }

    /// Nobody knows any more what changed: it is read anew.
    private func forget(_ kind: ProfileKind, _ state: inout State) {
        state.entries = state.entries.filter { $0.key.kind != kind }
        for key in state.loads.keys where key.kind == kind { state.loads[key]?.isOutdated = true }
    }

    private func watch(_ isOn: Bool) {
        for watch in watches.values where watch.isOn != isOn { watch.isOn = isOn }
    }

    private func apply(_ ids: [Int64], _ kind: ProfileKind, _ state: inout State) throws {
        let keys = state.entries.keys.filter { $0.kind == kind }
        if keys.isEmpty { return }
        let readsProperties = keys.contains { state.entries[$0]?.table.needsProperties ?? false }
        let rows = try reader.read {
            try ProfileRows.facts(kind, ids: ids, readsProperties: readsProperties, from: $0)
        }
        let gone = Array(Set(ids).subtracting(rows.map(\.id)))
        let byEnvironment = Dictionary(grouping: rows, by: \.environmentID)
        for key in keys {
            if let rows = byEnvironment[key.environmentID] { state.entries[key]?.table.update(rows) }
            if !gone.isEmpty { state.entries[key]?.table.remove(gone) }
        }
    }

    private func forEachPiece(of ids: Set<Int64>, _ body: ([Int64]) throws -> Void) throws {
        let sorted = ids.sorted()
        for start in stride(from: 0, to: sorted.count, by: Self.rowsAtOnce) {
            try body(Array(sorted[start..<min(start + Self.rowsAtOnce, sorted.count)]))
        }
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }

    private func onQueue(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                work()
                continuation.resume()
            }
        }
    }
}

/// Calls somebody who is known only later.
private final class Signal: Sendable {
    private let receiver = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ receiver: @escaping @Sendable () -> Void) { self.receiver.withLock { $0 = receiver } }

    func call() { receiver.withLock { $0 }?() }
}
