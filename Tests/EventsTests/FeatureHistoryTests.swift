import ControlStore
import EventStore
import JSON
import Synchronization
import TestSupport
import Testing
import Time
import UserpilotAPI

@testable import Events
@testable import Jobs

struct FeatureHistoryTests {
    /// Whatever was sent in whatever batches, and whenever the feature came: once the past has been looked through, the log has
    /// the uses that it would have had the feature been there from the start.
    @Test(arguments: [1, 2, 3, 4, 5, 6]) func pastIsAsIfTheFeatureHadBeenThere(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var sent: [[JSONValue]] = []
        for batch in 0..<12 {
            sent.append(
                (0..<Int.random(in: 1...9, using: &random)).map { Self.event(batch * 10 + $0, using: &random) })
        }
        let batches = sent
        let start = Int.random(in: 0...batches.count, using: &random)
        let pageSize = Int.random(in: 2...7, using: &random)
        var expected: [String?] = []
        try await IngestionRig().use { rig in
            try await Self.send(batches, to: rig, Rules())
            expected = try await Self.uses(in: rig)
        }
        try await IngestionRig().use { rig in
            let rules = Rules(isOn: false)
            try await Self.send(Array(batches[..<start]), to: rig, rules)
            rules.turnOn()
            try await Self.send(Array(batches[start...]), to: rig, rules)
            for round in 0..<2 {
                let added = try await Self.apply(rules, in: rig, pageSize: pageSize)
                #expect(try await Self.uses(in: rig) == expected)
                if round > 0 { #expect(added == 0) }
            }
        }
        #expect(start == 0 || !expected.isEmpty)
    }

    @Test func aRunThatWasCutOffIsMadeUpForOnce() async throws {
        try await IngestionRig().use { rig in
            let rules = Rules(isOn: false)
            try await Self.send([(0..<20).map { Self.view("u", at: $0, id: nil) }], to: rig, rules)
            rules.turnOn()
            // It dies after what it stored, and before the note of it.
            try await Self.start(rules, in: rig)
            try await rig.runJob(FeatureHistory.jobKind, Self.handler(rules, rig, pageSize: 4), finishes: false)
            let id = try await rig.jobs.list(kinds: [FeatureHistory.jobKind], environmentID: 1)[0].id
            let end = try #require(try await rig.store.end()).stored
            let progress = FeatureHistoryProgress(position: LogPosition.start.stored, end: end, totalEvents: 20)
            try await rig.restart(progress: progress.json, ofJob: id)
            try await rig.runJob(FeatureHistory.jobKind, Self.handler(rules, rig, pageSize: 4))
            #expect(try await Self.uses(in: rig).count == 20)
        }
    }

    @Test func rulesThatChangedEndIt() async throws {
        try await IngestionRig().use { rig in
            let rules = Rules()
            try await Self.send([[Self.view("u", at: 1, id: nil)]], to: rig, Rules(isOn: false))
            try await Self.start(rules, in: rig)
            rules.turnOff()
            try await rig.runJob(FeatureHistory.jobKind, Self.handler(rules, rig))
            let job = try #require(try await FeatureHistory(jobs: rig.jobs).newest("f", environmentID: 1))
            #expect(job.state == .failed && job.error?.contains("no longer") == true)
            #expect(try await Self.uses(in: rig).isEmpty)
        }
    }

    @Test func itEndsWithItsEnvironment() async throws {
        try await IngestionRig().use { rig in
            let rules = Rules(isOn: false)
            try await Self.send([(0..<20).map { Self.view("u", at: $0, id: nil) }], to: rig, rules)
            rules.turnOn()
            try await Self.start(rules, in: rig)
            rules.onLook {
                _ = try? rig.control.blockingWrite { try $0.execute(sql: "DELETE FROM environments WHERE id = 1") }
            }
            await #expect(throws: JobError.self) {
                try await rig.runJob(FeatureHistory.jobKind, Self.handler(rules, rig, pageSize: 4))
            }
            // No further page is looked at.
            #expect(try await Self.uses(in: rig).count < 5)
        }
    }

    @Test func deniedUsersAreLeftAloneAndDeletedOnesTakeWhatWasFound() async throws {
        try await IngestionRig().use { rig in
            let rules = Rules(isOn: false)
            try await Self.send([(0..<9).map { Self.view("u\($0 % 3)", at: $0, id: nil) }], to: rig, rules)
            let asked = try #require(try await rig.store.end())
            rules.turnOn()
            #expect(try await Self.apply(rules, in: rig, denied: ["u0"]) == 6)
            // The deletion was asked for before.
            _ = try await rig.store.deleteEvents(of: .users, ids: ["u1"], environmentID: 1, upTo: asked)
            #expect(try await Set(Self.uses(in: rig).map { $0?.prefix(2) }) == ["u2"])
        }
    }

    @Test func anEventIsLookedAtOnceItsUsesAreAllThere() throws {
        let types: [EventType] = [.trackFeature, .pageView, .trackFeature, .track, .trackFeature]
        let page = Self.page(types)
        func read(_ ending: FeatureSources.Ending, _ page: CommittedEvents) -> ([Int], Int?) {
            let read = FeatureSources(page, ending)
            return (
                read.sources.map(\.uses.count),
                read.next.map { next in page.identifiers.count { next.includes($0) } }
            )
        }
        #expect(read(.log, page) == ([1, 1], 5))
        #expect(read(.page, page) == ([1], 3))
        #expect(read(.piece, page) == ([1], 3))
        #expect(read(.page, Self.page([.trackFeature, .track])) == ([], 1))
        // A page of one event goes on all the same; the end of a piece waits for the next one.
        let single = Self.page([.track, .trackFeature])
        #expect(read(.page, single) == ([1], 2))
        #expect(read(.piece, single) == ([], nil))
        #expect(read(.piece, Self.page([.trackFeature])) == ([], 1))
        #expect(read(.piece, Self.page([])) == ([], nil))
    }

    @Test func whatClientsSendIsNoUseThatWasFound() throws {
        var ids = EventIdentifierSequence(after: nil)
        let source = ids.next(at: IngestionRig.now)
        #expect(Self.use("f", id: FoundUse.laterID(of: "f", in: source)).isUseFoundLater)
        for (tag, id) in [
            ("g", FoundUse.laterID(of: "f", in: source)), ("f", FoundUse.id(of: "f", in: nil)),
            ("f", "later feature f of x"),
            ("f", "\(source)"), ("f", ""),
        ] { #expect(!Self.use(tag, id: id).isUseFoundLater) }
        let (named, unnamed) = (Self.use("page", id: "1"), Self.use("page", id: nil))
        #expect(FoundUse.isUse(Self.use("f", id: FoundUse.id(of: "f", in: "1")), of: "f", in: named))
        #expect(FoundUse.isUse(Self.use("f", id: FoundUse.id(of: "f", in: nil)), of: "f", in: unnamed))
        #expect(!FoundUse.isUse(Self.use("f", id: FoundUse.id(of: "f", in: "2")), of: "f", in: named))
        #expect(!FoundUse.isUse(Self.use("f", id: nil), of: "f", in: unnamed))
        #expect(!FoundUse.isUse(Self.use("g", id: FoundUse.id(of: "f", in: "1")), of: "f", in: named))
    }
}

extension FeatureHistoryTests {
    /// One feature, "f", of pages below /f.
    private final class Rules: SoughtFeatures {
        private let since: Mutex<Timestamp?>
        private let hook = Mutex<(@Sendable () -> Void)?>(nil)

        init(isOn: Bool = true) { since = Mutex(isOn ? IngestionRig.now : nil) }

        /// Has something done before anything else is looked at.
        func onLook(_ body: @escaping @Sendable () -> Void) { hook.withLock { $0 = body } }

        func turnOn() { since.withLock { $0 = IngestionRig.now } }
        func turnOff() { since.withLock { $0 = nil } }
        func looks(in environmentID: Int64) -> Bool { since.withLock { $0 != nil } }

        func tags(of event: SeenEvent, environmentID: Int64) -> (tags: [String], isCut: Bool) {
            hook.withLock { $0 }?()
            return (event.isPageView && event.path.hasPrefix("/f") && looks(in: environmentID) ? ["f"] : [], false)
        }

        func soughtSince(_ tag: String, environmentID: Int64) -> Timestamp? { since.withLock { $0 } }
    }

    private struct Denied: DeniedUsers {
        let users: Set<String>

        func isDenied(_ userID: UnsafeBufferPointer<UInt8>, environmentID: Int64) -> Bool {
            users.contains(String(decoding: userID, as: UTF8.self))
        }
    }

    private static func event(_ number: Int, using random: inout SeededGenerator) -> JSONValue {
        let user = "u\(Int.random(in: 0..<3, using: &random))"
        // Some ids come again.
        let id = Bool.random(using: &random) ? "\(Int.random(in: 0..<60, using: &random))" : nil
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return ["event_type": "track_feature", "event_name": "f", "user_id": .string(user)]
        case 1: return ["event_name": "other", "user_id": .string(user)]
        default: return view(user, at: number, id: id)
        }
    }

    private static func view(_ user: String, at number: Int, id: String?) -> JSONValue {
        [
            "event_type": "page_view", "user_id": .string(user), "url": .string("https://x.io/f/\(number)"),
            "event_id": id.map { .string($0) } ?? .null,
        ]
    }

    private static func send(_ batches: [[JSONValue]], to rig: IngestionRig, _ rules: Rules) async throws {
        let ingestion = Ingestion(
            writer: rig.writer, clock: IngestionRig.clock, rejections: rig.rejections,
            form: FeatureForm(UserpilotEvents(), features: rules, rejections: rig.rejections))
        for batch in batches {
            let nodes = try batch.map {
                Result<JSONNode, EventRejection>.success(try JSONDocument(parsing: $0.encoded()).root)
            }
            _ = try await ingestion.record(
                nodes, expectedCount: nodes.count, in: IngestionRig.stream, surface: .sextant, idempotencyKey: nil)
        }
    }

    /// Users, pages and times of uses, whoever found them.
    private static func uses(in rig: IngestionRig) async throws -> [String?] {
        try await rig.column(
            """
            SELECT concat_ws(' ', user_id, pathname, occurred_at) FROM lake.main.events
            WHERE event_type = 'track_feature' ORDER BY 1
            """)
    }

    private static func handler(
        _ rules: Rules, _ rig: IngestionRig, denied: Set<String> = [], pageSize: Int = 2_000
    ) -> FeatureHistoryHandler {
        FeatureHistoryHandler(
            store: rig.store, writer: rig.writer, features: rules, denied: Denied(users: denied),
            calls: CallsUnderWay(),
            removals: Turns(atOnce: 1), clock: IngestionRig.clock, pageSize: pageSize)
    }

    private static func start(_ rules: Rules, in rig: IngestionRig) async throws {
        _ = try await FeatureHistory(jobs: rig.jobs).start(
            "f", countsSince: IngestionRig.now, countsFrom: nil, since: nil, in: IngestionRig.stream)
    }

    private static func apply(
        _ rules: Rules, in rig: IngestionRig, denied: Set<String> = [], pageSize: Int = 2_000
    ) async throws -> Int {
        try await start(rules, in: rig)
        try await rig.runJob(FeatureHistory.jobKind, handler(rules, rig, denied: denied, pageSize: pageSize))
        let job = try #require(try await FeatureHistory(jobs: rig.jobs).newest("f", environmentID: 1))
        #expect(job.state == .completed)
        return job.progress?.addedUses ?? -1
    }

    private static func page(_ types: [EventType]) -> CommittedEvents {
        var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
        var ids = EventIdentifierSequence(after: nil)
        for type in types {
            builder.begin(
                type, in: IngestionRig.stream, source: .backendHTTP, surface: .sextant, occurredAt: IngestionRig.now)
            builder.finish(in: IngestionRig.stream)
        }
        return CommittedEvents(
            batch: builder.build(), indices: Array(types.indices),
            identifiers: types.map { _ in ids.next(at: IngestionRig.now) })
    }

    private static func use(_ name: String, id: String?) -> EventView {
        var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
        builder.begin(
            .trackFeature, in: IngestionRig.stream, source: .backendHTTP, surface: .sextant,
            occurredAt: IngestionRig.now)
        builder.set(.eventName, to: name)
        if let id { builder.set(.clientEventID, to: id) }
        builder.finish(in: IngestionRig.stream)
        return builder.build()[0]
    }
}
