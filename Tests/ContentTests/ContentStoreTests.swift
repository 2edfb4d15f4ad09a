import JSON
import StoreTestSupport
import Testing
import Time

@testable import Content

struct ContentStoreTests {
    let temporary: TemporaryStore
    let contents: ContentStore

    init() throws {
        temporary = try TemporaryStore()
        contents = ContentStore(store: temporary.store, clock: WallClock { Timestamp(seconds: 7) })
    }

    @Test(arguments: ContentKind.allCases)
    func keepsEveryKind(kind: ContentKind) async throws {
        let parts: [JSONValue] = [["id": 1, "question": "How 'was' \"it\"? 😀"], ["id": 2, "order": 2]]
        let new = NewContent(
            kind: kind, title: "Feature A", type: kind.hasType ? .card : nil, status: .published, platform: .mobile,
            parts: parts)
        let made = try await contents.create(new, environmentID: 1)
        #expect(made.key == "feature_a" && made.parts == parts && made.createdAt == Timestamp(seconds: 7))
        #expect(try await contents.content(made.id, environmentID: 1) == made)
    }

    @Test func keysAreUniquePerEnvironmentAndKind() async throws {
        let flow = NewContent(kind: .flow, title: "Über uns!")
        var keys: [String] = []
        for _ in 0..<3 { keys.append(try await contents.create(flow, environmentID: 1).key) }
        #expect(keys == ["über_uns", "über_uns_2", "über_uns_3"])
        #expect(try await contents.create(flow, environmentID: 2).key == "über_uns")
        #expect(
            try await contents.create(NewContent(kind: .survey, title: "über-uns"), environmentID: 1).key == "über_uns")
    }

    @Test(arguments: [
        ("Feature A", "feature_a"), ("  --Hello,  World!! ", "hello_world"), ("😀", "content"), ("'; DROP", "drop"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 64)), ("100%", "100"),
    ])
    func makesKeys(title: String, key: String) {
        #expect(ContentRules.key(from: title) == key)
    }

    @Test func changesOnlyWhatIsNamed() async throws {
        let made = try await contents.create(
            NewContent(kind: .checklist, title: "Start", parts: [["task": 1]]), environmentID: 1)
        let renamed = try #require(
            try await contents.update(made.id, ContentChanges(title: "Begin"), environmentID: 1))
        #expect(renamed.title == "Begin" && renamed.key == "start" && renamed.parts == made.parts)
        let published = try #require(
            try await contents.update(made.id, ContentChanges(status: .published, parts: []), environmentID: 1))
        #expect(published.status == .published && published.parts.isEmpty && published.title == "Begin")
        #expect(try await contents.content(made.id, environmentID: 1) == published)
    }

    @Test func refusesWhatCannotBe() async throws {
        func refuses(_ error: ContentError, _ content: NewContent) async {
            await #expect(throws: error) { try await contents.create(content, environmentID: 1) }
        }
        await refuses(.invalidTitle, NewContent(kind: .flow, title: ""))
        await refuses(.invalidTitle, NewContent(kind: .flow, title: String(repeating: "x", count: 256)))
        await refuses(.typeRequired(.embed), NewContent(kind: .embed, title: "x"))
        await refuses(.typeNotAllowed(.banner), NewContent(kind: .banner, title: "x", type: .card))
        await refuses(
            .partIsNoObject(.modules, index: 1), NewContent(kind: .survey, title: "x", parts: [[:], "text"]))
        await refuses(
            .tooManyParts(.tasks, limit: 500),
            NewContent(kind: .checklist, title: "x", parts: Array(repeating: [:], count: 501)))
        await refuses(
            .partsTooLarge(.steps, limit: 1_048_576),
            NewContent(
                kind: .flow, title: "x", parts: [["text": .string(String(repeating: "x", count: 1_100_000))]]))
        #expect(try await contents.list(environmentID: 1).totalCount == 0)
    }

    @Test func noEnvironmentSeesAnother() async throws {
        let made = try await contents.create(NewContent(kind: .flow, title: "x"), environmentID: 1)
        #expect(try await contents.content(made.id, environmentID: 2) == nil)
        #expect(try await contents.update(made.id, ContentChanges(title: "y"), environmentID: 2) == nil)
        #expect(try await contents.delete(made.id, environmentID: 2) == false)
        #expect(try await contents.list(environmentID: 2).contents.isEmpty)
        #expect(try await contents.delete(made.id, environmentID: 1))
        #expect(try await contents.content(made.id, environmentID: 1) == nil)
    }

    @Test func listsByKindAndStatusPageByPage() async throws {
        var flows: [Int64] = []
        for number in 0..<5 {
            let status: ContentStatus = number == 0 ? .archived : .published
            flows.append(
                try await contents.create(
                    NewContent(kind: .flow, title: "\(number)", status: status), environmentID: 1
                ).id)
            _ = try await contents.create(NewContent(kind: .banner, title: "\(number)"), environmentID: 1)
        }
        let first = try await contents.list(environmentID: 1, kind: .flow, limit: 3)
        #expect(first.contents.map(\.id) == Array(flows[0..<3]) && first.totalCount == 5)
        let second = try await contents.list(environmentID: 1, kind: .flow, after: flows[2], limit: 3)
        #expect(second.contents.map(\.id) == Array(flows[3...]))
        let published = try await contents.list(environmentID: 1, kind: .flow, status: .published)
        #expect(published.contents.map(\.id) == Array(flows[1...]) && published.totalCount == 4)
        #expect(try await contents.list(environmentID: 1).totalCount == 10)
    }
}
