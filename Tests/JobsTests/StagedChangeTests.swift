import Foundation
import Schema
import StoreTestSupport
import Synchronization
import TestSupport
import Testing

@testable import ControlStore

/// Large changes are made beside the store, and come into it whole or not at all.
@Suite struct StagedChangeTests {
    private struct Refused: Error {}

    private let temporary: TemporaryStore
    private let tables = [
        StagedTable("accounts", .seen, where: "id = 1"), StagedTable("projects", .numbered, where: "id = 1"),
        StagedTable("resources", .numbered, where: "project_id = 1"),
        StagedTable("resource_references", .parts(of: "resources", column: "resource_id")),
    ]

    init() throws { temporary = try TemporaryStore() }

    private var store: ControlStore { temporary.store }

    private static func add(_ name: String, in database: Database) throws -> Int64 {
        try database.insert(
            sql: """
                INSERT INTO resources (
                    project_id, kind, name, document, search_text, created_by, created_at, updated_at)
                VALUES (1, 'goal', ?, '{}', '', 'k', 0, 0)
                """,
            arguments: [name])
    }

    private static func refer(_ id: Int64, to target: Int64, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO resource_references VALUES (?, 'goals', ?, 0)", arguments: [id, target])
    }

    private func names() async throws -> [String] {
        try await store.read { try $0.values(String.self, sql: "SELECT name FROM resources ORDER BY id") }
    }

    private func references() async throws -> [[Int64]] {
        try await store.read { database in
            try database.rows(sql: "SELECT resource_id, target_id FROM resource_references ORDER BY 1, 2")
                .map { [try $0.read(at: 0), try $0.read(at: 1)] }
        }
    }

    private var files: [String] {
        let folder = URL(fileURLWithPath: temporary.folder.file("control.sqlite")).deletingLastPathComponent().path
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.contains("staged") }
    }

    private func stage<Value: Sendable>(
        identifiers: Int = 100, revision: @escaping @Sendable (Database) throws -> Int64? = { _ in nil },
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await store.stage(tables, holder: 1, identifiers: identifiers, revision: revision, body)
    }

    @Test func rowsAreAddedAndChangedWhileOthersWrite() async throws {
        let (first, other) = try await store.write { database in
            let (first, other) = (try Self.add("first", in: database), try Self.add("other", in: database))
            try Self.refer(first, to: other, in: database)
            return (first, other)
        }
        let added = try await stage { [store] database in
            let added = try Self.add("added", in: database)
            try Self.refer(added, to: first, in: database)
            try database.execute(sql: "UPDATE resources SET name = 'changed' WHERE id = ?", arguments: [first])
            try database.execute(sql: "DELETE FROM resource_references WHERE resource_id = ?", arguments: [first])
            try Self.refer(first, to: added, in: database)
            // Nobody waits for the change, and what others make meanwhile has other ids.
            _ = try store.blockingWrite { try Self.add("meanwhile", in: $0) }
            return added
        }
        #expect(try await names() == ["changed", "other", "added", "meanwhile"])
        #expect(try await references() == [[first, added], [added, first]])
        #expect(other < added)
        #expect(files.isEmpty)
    }

    /// Tokens of environments are drawn; those of other projects are not among the rows that the change sees.
    @Test func whatOthersHaveUnseenIsDrawnAnew() async throws {
        let draws = Mutex(["NX-1", "NX-2", "NX-9"])
        let tables = [StagedTable("environments", .numbered)]
        let unchanged: @Sendable (Database) throws -> Int64? = { _ in nil }
        let token = try await store.stage(tables, holder: 1, identifiers: 10, revision: unchanged) { database in
            let token = draws.withLock { $0.removeFirst() }
            try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try database.execute(
                sql: "INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0)")
            try database.execute(
                sql: "INSERT INTO projects (id, account_id, name, type, created_at) VALUES (1, 1, 'p', 'web', 0)")
            try database.execute(
                sql: "INSERT INTO environments (project_id, app_token, name, created_at) VALUES (1, ?, 'new', 0)",
                arguments: [token])
            return token
        }
        #expect(token == "NX-9")
        let tokens = try await store.read {
            try $0.values(String.self, sql: "SELECT app_token FROM environments ORDER BY id")
        }
        #expect(tokens == ["NX-1", "NX-2", "NX-9"])
        #expect(files.isEmpty)
    }

    @Test func nothingStaysOfAChangeThatFails() async throws {
        await #expect(throws: Refused.self) {
            try await stage { database in
                _ = try Self.add("added", in: database)
                throw Refused()
            }
        }
        #expect(try await names() == [])
        #expect(files.isEmpty)
        // The store takes the next one.
        _ = try await stage { try Self.add("next", in: $0) }
        #expect(try await names() == ["next"])
    }

    @Test func aChangeThatOthersHaveOvertakenIsMadeAnew() async throws {
        let runs = Notes()
        let revision: @Sendable (Database) throws -> Int64? = {
            try $0.value(Int64.self, sql: "SELECT revision FROM projects WHERE id = 1")
        }
        let overtake: @Sendable () throws -> Void = { [store] in
            _ = try store.blockingWrite {
                try $0.execute(sql: "UPDATE projects SET revision = revision + 1 WHERE id = 1")
            }
        }
        let seen = try await stage(revision: revision) { database in
            let isFirst = runs.numbers.withLock { runs in
                runs.append(1)
                return runs.count == 1
            }
            if isFirst { try overtake() }
            _ = try Self.add("added", in: database)
            return try revision(database)
        }
        #expect(seen == 1 && runs.numbers.withLock { $0.count } == 2)
        #expect(try await names() == ["added"])
        await #expect(throws: StagedChangeError.self) {
            try await stage(revision: revision) { database in
                try overtake()
                return try Self.add("never", in: database)
            }
        }
        #expect(try await names() == ["added"])
    }

    @Test func changesThatNeedMoreIdsThanWereKeptAreMadeAnew() async throws {
        let ids = try await stage(identifiers: 2) { database in
            try (0..<20).map { try Self.add("\($0)", in: database) }
        }
        #expect(ids.count == 20 && Set(ids).count == 20)
        #expect(try await names() == (0..<20).map(String.init))
        // What was not needed is there for the next one.
        let next = try await store.write { try Self.add("next", in: $0) }
        #expect(next == (ids.last ?? 0) + 1)
    }

    @Test func whatACrashLeftIsRemovedByTheNextStart() throws {
        let path = temporary.folder.file("control.sqlite")
        let leftover = "\(path)-staged-1"
        #expect(FileManager.default.createFile(atPath: leftover, contents: nil))
        try store.close()
        _ = try ControlStore(path: path, migrations: ControlSchema.migrations)
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func holdersTakeTurns() async throws {
        let turns = HolderTurns()
        let order = Notes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (gate, opening) = AsyncStream.makeStream(of: Void.self)
            group.addTask { await turns.run(1) { for await _ in gate {} } }
            while !turns.isTaken { await Task.yield() }
            for (number, holder) in [1, 1, 2].enumerated() {
                group.addTask { await turns.run(Int64(holder)) { order.numbers.withLock { $0.append(holder) } } }
                while turns.waitingCount == number { await Task.yield() }
            }
            opening.finish()
            try await group.waitForAll()
        }
        #expect(order.numbers.withLock { $0 } == [2, 1, 1])
    }

    private final class Notes: Sendable {
        let numbers = Mutex<[Int]>([])
    }
}
