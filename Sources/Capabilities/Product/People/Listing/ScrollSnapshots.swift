import Dispatch
import Foundation
import Time

/// Keeps the orders of lists that clients are scrolling through, in files of one folder: for an hour after they were last
/// asked for, and so many at most. Those of before a restart are kept on.
actor ScrollSnapshots {
    private struct Entry {
        let environmentID: Int64
        /// Profiles that are being put in order; 0 once they are.
        var makingCount = 0
        /// Of the file; nil before it is written.
        var byteCount: Int?
        var usedAt: Timestamp
        /// Puts them in order.
        var making: Task<[Int64], Never>?
        /// Finds the first so many meanwhile.
        var more: (@Sendable (Int) -> [Int64])?
        /// What is not written yet: all ids, or the first of them while the rest is put in order.
        var ids: [Int64] = []
    }

    /// What one environment, and all together, may keep.
    struct Limits {
        var lists: Int
        var bytes: Int
        static let environment = Limits(lists: 64, bytes: 512 * 1_024 * 1_024)
        static let all = Limits(lists: 1_024, bytes: 2 * 1_024 * 1_024 * 1_024)
    }

    /// Profiles of lists that may be put in order at once, 16 bytes each, before another list must wait.
    private static let mostInMaking = 16_000_000
    private static let mostInMakingOfOne = 8_000_000
    private static let idleSeconds: Int64 = 3_600

    private let folder: String
    private let clock: WallClock
    private var entries: [ScrollSnapshot.ID: Entry] = [:]
    /// Puts lists in order and writes them, one after the other: a million takes some tenths of a second.
    private let queue = DispatchQueue(label: "profile orders", qos: .utility)
    /// Finds the first ones for who does not wait for that.
    private let finding = DispatchQueue(label: "profile orders, first", attributes: .concurrent)
    /// Beyond so many, finding the first ones takes longer than waiting.
    private static let mostFound = 100_000

    init(folder: String, clock: WallClock) throws {
        self.folder = folder
        self.clock = clock
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in try files.contentsOfDirectory(atPath: folder) {
            let path = "\(folder)/\(name)"
            guard let id = ScrollSnapshot.ID(name), let environmentID = ScrollSnapshot.environment(path),
                let attributes = try? files.attributesOfItem(atPath: path)
            else {
                // What a crash has left.
                try? files.removeItem(atPath: path)
                continue
            }
            entries[id] = Entry(
                environmentID: environmentID, byteCount: (attributes[.size] as? Int) ?? 0, usedAt: clock.now)
        }
    }

    /// Begins to keep a list.
    /// - Parameters:
    ///   - count: profiles of the list.
    ///   - first: ids of the first of them.
    ///   - order: gives the ids of all, which takes its time.
    /// - Throws: ``ProfileListError/busy``.
    func begin(
        environmentID: Int64, count: Int, first: [Int64], _ order: ProfileOrder
    ) throws -> ScrollSnapshot.ID {
        let making = entries.values.filter { $0.makingCount > 0 }
        let ofOne = making.filter { $0.environmentID == environmentID }
        guard making.reduce(0, { $0 + $1.makingCount }) < Self.mostInMaking,
            ofOne.reduce(0, { $0 + $1.makingCount }) < Self.mostInMakingOfOne
        else { throw ProfileListError.busy }
        let id = ScrollSnapshot.ID.random()
        let task = Task { first.count < count ? await run(on: queue) { order.sortedIDs() } : first }
        entries[id] = Entry(
            environmentID: environmentID, makingCount: count, usedAt: clock.now, making: task,
            more: { order.first($0) }, ids: first)
        Task { await self.finish(id, task, environmentID) }
        return id
    }

    private nonisolated func run<Value: Sendable>(
        on queue: DispatchQueue, _ work: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    private func finish(_ id: ScrollSnapshot.ID, _ task: Task<[Int64], Never>, _ environmentID: Int64) async {
        let ids = await task.value
        entries[id]?.ids = ids
        entries[id]?.making = nil
        entries[id]?.more = nil
        let path = path(id)
        let byteCount = await run(on: queue) { try? ScrollSnapshot.write(ids, environmentID: environmentID, to: path) }
        if byteCount == nil { entries[id] = nil }
        entries[id]?.byteCount = byteCount
        entries[id]?.ids = []
        entries[id]?.makingCount = 0
        sweep(environmentID: environmentID)
    }

    /// Some ids of a list, in its order; fewer at its end.
    /// - Throws: ``ProfileListError/expired`` when it is not kept any more.
    func ids(_ id: ScrollSnapshot.ID, from offset: Int, count: Int) async throws -> [Int64] {
        guard let entry = entries[id], entry.usedAt >= oldest else { throw ProfileListError.expired }
        entries[id]?.usedAt = clock.now
        if entry.byteCount == nil {
            return Array(await kept(id, entry, upTo: offset + count).dropFirst(offset).prefix(count))
        }
        guard let ids = try? ScrollSnapshot.read(path(id), from: offset, count: count) else {
            throw ProfileListError.expired
        }
        return ids
    }

    /// Of a list that is not written yet, as many ids as are asked for at least, or all.
    private func kept(_ id: ScrollSnapshot.ID, _ entry: Entry, upTo count: Int) async -> [Int64] {
        guard let making = entry.making, count > entry.ids.count else { return entry.ids }
        guard let more = entry.more, count < Self.mostFound else { return await making.value }
        let ids = await run(on: finding) { more(2 * count) }
        if let now = entries[id], now.making != nil, now.ids.count < ids.count { entries[id]?.ids = ids }
        return ids
    }

    /// What was not used since is not kept.
    private var oldest: Timestamp { clock.now.adding(seconds: -Self.idleSeconds) }

    /// Removes what is too old, and what was used least lately where there is too much.
    /// - Parameter environmentID: that has come to have more.
    private func sweep(environmentID: Int64?) {
        let oldest = oldest
        for (id, entry) in entries where entry.makingCount == 0 && entry.usedAt < oldest { remove(id) }
        shrink(to: .environment) { $0.environmentID == environmentID }
        shrink(to: .all) { _ in true }
    }

    private func shrink(to limits: Limits, _ counts: (Entry) -> Bool) {
        var kept = entries.filter { counts($0.value) && $0.value.makingCount == 0 }
            .sorted { $0.value.usedAt < $1.value.usedAt }
        var bytes = kept.reduce(0) { $0 + ($1.value.byteCount ?? 0) }
        // The one that was used last stays, however large.
        while kept.count > 1, kept.count > limits.lists || bytes > limits.bytes {
            let first = kept.removeFirst()
            bytes -= first.value.byteCount ?? 0
            remove(first.key)
        }
    }

    private func remove(_ id: ScrollSnapshot.ID) {
        entries[id] = nil
        try? FileManager.default.removeItem(atPath: path(id))
    }

    private func path(_ id: ScrollSnapshot.ID) -> String { "\(folder)/\(id)" }
}
