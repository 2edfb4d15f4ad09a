import ControlStore
import JSON
import ServingDocument
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Serving

@Suite struct ConfigStoreTests {
    /// A project that a test changes.
    private final class Shop: ConfigSource {
        struct State {
            var commits = 0
            var revision: Int64? = 1
            var loads = 0
            var isDamaged = false
            /// Bytes of a value that each of a hundred changes has.
            var valueBytes = 0
        }

        struct Damage: Error {}

        let state = Mutex(State())

        var commits: Int { state.withLock { $0.commits } }

        func revision(_ projectID: Int64) -> Int64? { state.withLock { $0.revision } }

        func load(_ projectID: Int64) async throws -> ServedRevision? {
            let revision = try state.withLock { state in
                state.loads += 1
                if state.isDamaged { throw Damage() }
                return state.revision
            }
            // Others come meanwhile.
            for _ in 0..<5 { await Task.yield() }
            return revision.map { revision in
                ServedRevision(
                    project: ServedProject(
                        accountID: 1,
                        project: [
                            "id": .integer(projectID), "name": .string("r\(revision)"), "project_type": "fullstack",
                        ], experiences: experiences),
                    revision: revision, environments: [])
            }
        }

        private var experiences: [JSONValue] {
            let bytes = state.withLock { $0.valueBytes }
            guard bytes > 0 else { return [] }
            let value = JSONValue.string(String(repeating: "x", count: bytes))
            let change: JSONValue = [
                "id": 1, "type": "fullStackFeature", "data": ["feature_id": 1, "variables_data": ["v": value]],
            ]
            return (1...100).map { id in
                [
                    "id": .integer(id), "key": .string("e\(id)"), "name": "E", "type": "a/b_fullstack",
                    "status": "active", "version": 11,
                    "variations": [
                        [
                            "id": .integer(1_000 + id), "key": .string("v\(id)"), "name": "V", "status": "running",
                            "traffic_distribution": 100, "changes": [change],
                        ]
                    ],
                ]
            }
        }

        func change(revision: Int64?) {
            state.withLock { state in
                state.revision = revision
                state.commits += 1
            }
        }

        var loads: Int { state.withLock { $0.loads } }
    }

    private let shop = Shop()
    private let hand = HandClock()
    private let temporary: TemporaryStore
    private let store: ConfigStore

    init() throws {
        temporary = try TemporaryStore()
        store = ConfigStore(
            source: shop, defects: ConfigDefects(store: temporary.store, clock: hand.clock), clock: hand.clock)
    }

    private func document(_ selection: ServingSelection) async throws -> ConfigDocument? {
        try await store.document(7) { _ in selection }
    }

    private func name() async throws -> String? {
        let document = try await document(ServingSelection())
        return try document.map { try JSONValue(parsing: $0.bytes)["project"]?["name"]?.string ?? "" }
    }

    @Test func aProjectIsReadOnceUntilItChanges() async throws {
        for _ in 0..<3 { #expect(try await name() == "r1") }
        #expect(shop.loads == 1)
        // Something else was committed.
        shop.change(revision: 1)
        #expect(try await name() == "r1" && shop.loads == 1)
        shop.change(revision: 2)
        #expect(try await name() == "r2" && shop.loads == 2)
        shop.change(revision: nil)
        #expect(try await name() == nil)
    }

    @Test func manyThatFindItChangedReadItOnce() async throws {
        _ = try await name()
        shop.change(revision: 2)
        let names = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { try await name() } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(names == ["r2"])
        #expect(shop.loads < 10)
    }

    @Test func nothingIsOlderThanAnHour() async throws {
        _ = try await name()
        hand.advance(seconds: 3_599)
        _ = try await name()
        #expect(shop.loads == 1)
        hand.advance(seconds: 1)
        _ = try await name()
        #expect(shop.loads == 2)
    }

    /// Sets are without number; what everybody asks for stays.
    @Test(.timeLimit(.minutes(2))) func setsPushOutNoWholeDocument() async throws {
        shop.state.withLock { $0.valueBytes = 20_000 }
        let whole = try #require(try await document(ServingSelection()))
        for number in 1...300 {
            let set: Set<Int64> = [Int64(number % 50 + 1), Int64(number / 50 + 51)]
            _ = try await document(ServingSelection(experienceIDs: set))
        }
        let same = try #require(try await document(ServingSelection()))
        let isSame = whole.bytes.withUnsafeBufferPointer { one in
            same.bytes.withUnsafeBufferPointer { $0.baseAddress == one.baseAddress }
        }
        #expect(isSame, "the whole document was made anew")
    }

    @Test func documentsArePackedOnceAndNamedByTheirContent() async throws {
        let first = try #require(try await document(ServingSelection()))
        let same = try #require(try await document(ServingSelection()))
        let preview = try #require(try await document(ServingSelection(isDebug: true)))
        #expect(first.entityTag == same.entityTag && first.entityTag != preview.entityTag)
        let packed = try #require(first.gzip)
        #expect(packed.count < first.bytes.count && packed.starts(with: [0x1F, 0x8B]))
        for number in 0..<200 {
            _ = try await document(ServingSelection(experienceIDs: [Int64(number)]))
        }
        #expect(try await document(ServingSelection())?.entityTag == first.entityTag)
    }

    private func listed() async throws -> [SetAsideItem] {
        try await SetAsideStore(store: temporary.store, clock: hand.clock).list(
            of: SetAsideStore.Owner(environmentID: 7, projectID: 7), kind: .config, after: 0, limit: 10
        ).items
    }

    private func addProject() async throws {
        try await temporary.store.write {
            try $0.execute(
                sql: "INSERT INTO projects (id, account_id, name, type, created_at) VALUES (7, 1, 'p', 'web', 0)")
        }
    }

    @Test func aConfigThatIsTooLargeIsToldAndSpoilsNothingElse() async throws {
        try await addProject()
        shop.state.withLock { $0.valueBytes = 200_000 }
        for _ in 1...3 { await #expect(throws: UnservableProject.self) { try await name() } }
        let item = try #require(try await listed().first)
        #expect(item.entry.subject == "7" && item.entry.reason.contains("16777216 bytes"))
        // Told once, and not made again for each request.
        #expect(item.entry.attempts == 1 && shop.loads == 1)
        // Parts of it are served, and decisions made.
        #expect(try await document(ServingSelection(experienceIDs: [1, 2])) != nil)
        let (_, plan) = try #require(try await store.plan(7, environment: nil))
        #expect(plan.count == 100)
        await #expect(throws: UnservableProject.self) { try await store.retry(7) }
        #expect(try await listed().count == 1)
        shop.state.withLock { $0.valueBytes = 100_000 }
        shop.change(revision: 2)
        #expect(try await name() == "r2")
        #expect(try await listed().isEmpty)
    }

    @Test func aDamagedProjectIsSetAsideAndReadAgainWhenSomethingChanges() async throws {
        try await addProject()
        #expect(try await name() == "r1")
        shop.state.withLock { $0.isDamaged = true }
        shop.change(revision: 2)
        for attempt in 1...5 {
            await #expect(throws: UnservableProject.self) { try await store.project(7) }
            #expect(try await listed().count == (attempt < 3 ? 0 : 1))
        }
        // Once it is set aside nobody reads it in vain.
        #expect(shop.loads == 4)
        shop.change(revision: 2)
        await #expect(throws: UnservableProject.self) { try await store.project(7) }
        #expect(shop.loads == 5)
        let item = try #require(try await listed().first)
        #expect(item.entry.subject == "7" && item.entry.reason.contains("Damage"))
        await #expect(throws: UnservableProject.self) { try await store.retry(7) }
        shop.state.withLock { $0.isDamaged = false }
        try await store.retry(7)
        #expect(try await listed().isEmpty)
        #expect(try await name() == "r2")
    }
}
