import ControlStore
import Schema
import TestSupport
import Testing
import Time

@testable import Identity
@testable import Sessions

/// Sessions, from their beginning to their end.
@Suite struct SessionStoreTests {
    private let folder: TemporaryFolder
    private let store: ControlStore
    private let hand = HandClock()

    init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
    }

    private var sessions: SessionStore { SessionStore(store: store, clock: hand.clock) }

    private func user(_ email: String, _ accesses: Accesses = Accesses(everywhere: .edit)) async throws -> Int64 {
        try await store.write { [now = hand.now] database in
            let account = try database.insert(
                sql: "INSERT INTO accounts (name, created_at) VALUES ('A', ?)", arguments: [now])
            let id = try database.insert(
                sql: "INSERT INTO users (email, password_hash, created_at) VALUES (?, '', ?)", arguments: [email, now])
            try accesses.store(ofUser: id, in: account, at: now, database)
            return id
        }
    }

    private func begin(_ id: Int64, client: String = "browser") async throws -> String {
        try await store.write { [sessions] in try sessions.begin(id, client: client, in: $0).token }
    }

    @Test func theyEndWithoutUseAndInAnyCase() async throws {
        let token = try await begin(user("a@x.example"))
        hand.advance(seconds: 3_599)
        let found = try #require(try await sessions.find(token))
        #expect(found.user.email == "a@x.example" && found.accesses.values.first == Accesses(everywhere: .edit))
        // Each use counts from the beginning again, up to the end that was fixed.
        for _ in 0..<11 {
            hand.advance(seconds: 3_500)
            #expect(try await sessions.find(token) != nil)
        }
        hand.advance(seconds: 3_500)
        #expect(try await sessions.find(token) == nil)
        let idle = try await begin(found.user.id)
        hand.advance(seconds: 3_600)
        #expect(try await sessions.find(idle) == nil)
        #expect(try await sessions.list(ofUser: found.user.id).isEmpty)
        #expect(try await sessions.find("sxs_nothing") == nil)
    }

    @Test func rolesAreThoseOfTheMoment() async throws {
        let id = try await user("a@x.example", Accesses(everywhere: .admin))
        let token = try await begin(id)
        let account = try #require(try await sessions.find(token)?.accesses.keys.first)
        try await store.write { [now = hand.now] in
            try Accesses(everywhere: nil).store(ofUser: id, in: account, at: now, $0)
        }
        #expect(try await sessions.find(token)?.accesses.isEmpty == true)
        try await store.write { try $0.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id]) }
        #expect(try await sessions.find(token) == nil)
    }

    @Test func aUserHasSomeAtMostAndNobodyElses() async throws {
        let (one, other) = (try await user("a@x.example"), try await user("b@x.example"))
        let first = try await begin(one)
        let theirs = try await begin(other)
        for _ in 0..<SessionStore.maximumCount {
            hand.advance(seconds: 1)
            _ = try await begin(one, client: String(repeating: "é", count: 1_000))
        }
        #expect(try await sessions.find(first) == nil)
        #expect(try await sessions.list(ofUser: one).count == SessionStore.maximumCount)
        #expect(try await sessions.list(ofUser: one).first?.client.unicodeScalars.count == 200)
        let name = try #require(try await sessions.list(ofUser: other).first?.name)
        #expect(try await sessions.end(.named(name), ofUser: one) == 0)
        #expect(try await sessions.end(.all, ofUser: one) == SessionStore.maximumCount)
        #expect(try await sessions.find(theirs) != nil)
    }
}
