import JSON
import ServingDocument
import Testing
import Time

@testable import EventStore
@testable import Serving

@Suite struct TrackingDecisionTests {
    private let project = TrackedProject(
        ServedProject(
            accountID: 1, project: ["id": 7],
            goals: [["id": 1, "status": "active"], ["id": 2, "status": "archived"], ["id": 3, "status": "active"]],
            experiences: [
                experience(10, status: "active", variations: [(100, "running"), (101, "stopped")], goals: [1]),
                experience(11, status: "active", variations: [(110, "running")], goals: [3]),
                experience(12, status: "paused", variations: [(120, "running")], goals: [1]),
            ]))

    private static func experience(
        _ id: Int64, status: String, variations: [(Int64, String)], goals: [Int64]
    ) -> JSONValue {
        [
            "id": .integer(id), "status": .string(status), "goals": JSONValue(goals),
            "variations": .array(variations.map { ["id": .integer($0.0), "status": .string($0.1)] }),
        ]
    }

    private let now = Timestamp(seconds: 1_750_000_000)

    private func decide(
        _ events: [TrackingBatch.Event], isEnriched: Bool = true, _ state: VisitorState = VisitorState(),
        segments: JSONValue = [:], id: String = "v", transactions: Set<String> = []
    ) -> TrackingDecision {
        let visitor = TrackingBatch.Visitor(
            id: id, segments: VisitorSegments(segments.object ?? JSONObject()), events: events)
        return TrackingDecision(visitor, isEnriched: isEnriched, state, project, at: now) { _, transaction in
            !transactions.contains(transaction)
        }
    }

    private func bucketing(_ experience: Int64, _ variation: Int64) -> TrackingBatch.Event {
        .bucketing(experienceID: experience, variationID: variation)
    }

    @Test(
        arguments: [
            // Days, how long ago the experience stopped and the goal was made, whether it is tracked.
            ("OFF", 999, 999, true), ("1 day", 0, 999, true), ("1 day", 1, 999, false), ("15 days", 14, 999, true),
            ("15 days", 15, 999, false), ("60 days", 999, 59, true), ("60 days", 999, 60, false), ("7", 999, 999, true),
        ])
    func goalsThatNobodyUsesAreTrackedForAWhile(
        _ setting: String, _ stopped: Int64, _ made: Int64, _ isTracked: Bool
    ) {
        let experience = { (id: Int64, goal: Int64, status: String, end: Int64) -> JSONValue in
            [
                "id": .integer(id), "status": .string(status), "goals": JSONValue([goal]), "variations": [],
                "end_time": .integer(end),
            ]
        }
        let before = { (days: Int64) in now.seconds - days * 86_400 }
        var served = ServedProject(
            accountID: 1,
            project: ["id": 7, "reporting_settings": ["stop_tracking_goals_after_days": .string(setting)]],
            goals: [["id": 1, "status": "active"], ["id": 2, "status": "active"]],
            experiences: [
                experience(10, 1, "completed", before(stopped)), experience(11, 1, "draft", before(-9)),
                experience(12, 2, "active", 0),
            ])
        served.goalsMadeAt = [1: before(made), 2: before(999)]
        let project = TrackedProject(served)
        let decision = { (goal: Int64) in
            let visitor = TrackingBatch.Visitor(
                id: "v", events: [.conversion(TrackingBatch.Conversion(goalID: goal))])
            return TrackingDecision(visitor, isEnriched: true, VisitorState(), project, at: now) { _, _ in true }
        }
        #expect(decision(1).rejections == (isTracked ? [:] : [.idleGoal: 1]))
        #expect(decision(1).kept.count == (isTracked ? 1 : 0))
        // As long as an experience runs, its goals are tracked.
        #expect(decision(2).kept.count == 1)
    }

    @Test func onlyTheFirstViewCounts() {
        let first = decide([bucketing(10, 100), bucketing(10, 100)])
        #expect(first.kept.map(\.kind) == [.viewExperience] && first.rejections == [.repeated: 1])
        #expect(decide([bucketing(10, 100)], first.state).rejections == [.repeated: 1])
        // Who remembers by themselves is believed.
        #expect(decide([bucketing(10, 100)], isEnriched: false, first.state).kept.count == 1)
    }

    @Test func whatAConversionNamesBesidesCostsAndCountsNothing() {
        // Fewer names than experiences after the goal, and more: the same comes out.
        for extra in [0, 500] {
            var buckets: [Int64: Int64] = [10: 100, 12: 120, 11: 110]
            for id in 0..<Int64(extra) { buckets[1_000 + id] = 1 }
            let conversion = TrackingBatch.Event.conversion(TrackingBatch.Conversion(goalID: 1, buckets: buckets))
            let decision = decide([conversion])
            #expect(decision.kept.map { $0.assignments.map(\.experienceID) } == [[10]])
        }
        let unnamed = TrackingBatch.Event.conversion(TrackingBatch.Conversion(goalID: 1))
        #expect(decide([unnamed]).kept.map(\.assignments) == [[]])
        #expect(decide([bucketing(10, 100), unnamed]).kept.last?.assignments.map(\.variationID) == [100])
    }

    @Test func aVariationThatNoLongerRunsIsNoFirstView() {
        var state = VisitorState()
        state.enter(10, 101, at: now)
        let decision = decide([bucketing(10, 100)], state)
        #expect(decision.kept.count == 1 && decision.state.buckets == [10: 100])
    }

    @Test func whatDoesNotRunIsToldBySort() {
        let decision = decide([
            bucketing(12, 120), bucketing(99, 1), bucketing(10, 101), bucketing(10, 110),
            .conversion(.init(goalID: 2)), .conversion(.init(goalID: 0)),
        ])
        #expect(decision.kept.isEmpty)
        #expect(decision.rejections == [.experience: 2, .variation: 2, .goal: 2])
        for id in ["", String(repeating: "x", count: 256)] {
            #expect(decide([bucketing(10, 100)], id: id).rejections == [.visitor: 1])
        }
    }

    @Test func conversionsCountForExperiencesWithTheGoal() {
        var state = VisitorState()
        state.enter(10, 100, at: now)
        state.enter(11, 110, at: now)
        state.enter(12, 120, at: now)
        let stored = decide([.conversion(.init(goalID: 1))], state)
        #expect(stored.kept[0].assignments.map(\.experienceID) == [10])
        // What is given is laid over what is stored.
        let merged = decide([.conversion(.init(goalID: 3, buckets: [11: 111]))], state)
        #expect(merged.kept[0].assignments.map(\.variationID) == [110])
        let hidden = decide([.conversion(.init(goalID: 1, buckets: [10: 999]))], state)
        #expect(hidden.kept[0].assignments.map(\.variationID) == [100])
        let alone = decide([.conversion(.init(goalID: 3, buckets: [11: 110]))], isEnriched: false)
        #expect(alone.kept[0].assignments.map(\.variationID) == [110])
        #expect(decide([.conversion(.init(goalID: 1))], isEnriched: false, state).kept[0].assignments.isEmpty)
    }

    /// Ruby's SDK sends a purchase as one event; others send the conversion before it; pixels of shops after it.
    @Test func aPurchaseIsAConversionOnce() {
        let plain = TrackingBatch.Event.conversion(.init(goalID: 1))
        func bought(_ id: String) -> TrackingBatch.Event {
            .conversion(.init(goalID: 1, revenue: 5, transactionID: id))
        }
        for events in [[bought("a")], [plain, bought("a")], [bought("a"), plain]] {
            let decision = decide(events)
            #expect(decision.kept.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.conversion, .transaction])
            #expect(decision.kept.first { $0.kind == .conversion }?.conversion?.revenue == nil)
            // Who buys again converts no second time.
            #expect(decide([bought("b")], decision.state).kept.map(\.kind) == [.transaction])
        }
        #expect(decide([bought("a"), plain]).rejections == [.repeated: 1])
        // What is sent again is known, but for those who answer for it themselves.
        #expect(decide([bought("a"), plain, plain]).kept.count == 2)
        #expect(decide([plain, plain]).rejections == [.repeated: 1])
        #expect(decide([plain, plain], isEnriched: false).kept.map(\.kind) == [.conversion, .conversion])
        #expect(decide([bought("a"), plain], isEnriched: false).rejections == [.repeated: 1])
    }

    @Test func aGoalCountsOnceAnExperience() {
        let plain = TrackingBatch.Event.conversion(.init(goalID: 1))
        // Reached before the experience was entered, it has counted for none.
        let early = decide([plain])
        #expect(early.kept[0].assignments.isEmpty)
        let later = decide([bucketing(10, 100), plain, plain], early.state)
        #expect(later.kept.map(\.kind) == [.viewExperience, .conversion] && later.rejections == [.repeated: 1])
        #expect(later.kept[1].assignments.map(\.experienceID) == [10])
        #expect(later.state.goals[1]?.experiences == [10])
    }

    @Test func dataThatIsNotStoredAddsNothing() {
        var annotated = TrackingBatch.Conversion(goalID: 1)
        annotated.form = .annotated
        #expect(decide([.conversion(annotated)]).kept.map(\.kind) == [.conversion])
        let both = decide([.conversion(.init(goalID: 1)), .conversion(annotated)])
        #expect(both.kept.map(\.kind) == [.conversion] && both.rejections == [.repeated: 1])
        // An amount that had to be left out was one all the same.
        annotated.form = .transaction
        #expect(decide([.conversion(annotated)]).kept.map(\.kind) == [.conversion, .transaction])
    }

    @Test func knownConversionsAreStored() {
        let decision = decide([.conversion(.init(goalID: 1)), .conversion(.init(goalID: 3, revenue: 1))])
        #expect(decision.state.goals.mapValues(\.isImplied) == [1: false, 3: true])
        let read = VisitorState(buckets: [:], segments: [:], goals: decision.state.goalsDocument)
        #expect(read.goals == decision.state.goals)
    }

    @Test func theFirstVariationStaysTheVisitors() {
        var state = VisitorState()
        state.enter(20, 200, at: now)
        let told = TrackingDecision(
            TrackingBatch.Visitor(id: "v", events: [bucketing(20, 201)]), isEnriched: false, state, twoArms,
            at: now
        ) { _, _ in true }
        #expect(told.kept.map(\.isNewVisitor) == [false] && told.state.buckets == [20: 200])
    }

    @Test func keysOfAnEnvironmentReachNoOther() {
        let decision = TrackingDecision(
            TrackingBatch.Visitor(id: "v", events: [bucketing(20, 200)]), isEnriched: true, VisitorState(), twoArms,
            environment: "staging", at: now
        ) { _, _ in true }
        #expect(decision.rejections == [.experience: 1])
        #expect(twoArms.environmentID("staging") == 2 && twoArms.environmentID("gone") == 1)
    }

    private let twoArms = TrackedProject(
        ServedProject(accountID: 1, project: ["id": 8], experiences: [twoArmed]),
        environments: [
            ServedRevision.Environment(id: 1, name: "production", isDefault: true),
            ServedRevision.Environment(id: 2, name: "staging", isDefault: false),
        ])

    private static let twoArmed: JSONValue = [
        "id": 20, "status": "active", "environment": "production", "variations": [["id": 200], ["id": 201]],
    ]

    @Test func whatIsNoSegmentIsNotKept() {
        let long = String(repeating: "x", count: 10_000)
        let sent: JSONValue =
            [
                "campaign": .string(long), "country": "ß1", "browser": "XX", "devices": ["ALLPH", "no", "ALLPH"],
                "other": "x", "visitorType": "old", "customSegments": .array((0..<500).map { .string("\($0)") }),
            ]
        let kept = VisitorSegments(sent.object ?? JSONObject()).members
        #expect(kept["campaign"]?.string?.count == 255 && kept["devices"] == ["ALLPH"])
        #expect(kept["customSegments"]?.array?.count == 100)
        #expect(["country", "browser", "other", "visitorType"].allSatisfy { kept[$0] == nil })
    }

    @Test func transactionsCountOnce() {
        let bought = TrackingBatch.Event.conversion(
            .init(goalID: 1, revenue: 5, productsCount: 2, transactionID: "t"))
        #expect(decide([bought]).kept.map(\.kind) == [.conversion, .transaction])
        #expect(decide([bought], transactions: ["t"]).rejections == [.transaction: 1])
        #expect(decide([.conversion(.init(goalID: 1))]).kept.map(\.kind) == [.conversion])
    }

    @Test func segmentsAreFilledInAndReportedInWords() {
        let first = decide([], segments: ["browser": "IE", "devices": ["ALLTAB", "IPAD", "OTHDEV"], "country": "de"])
        #expect(first.kept.isEmpty)
        let later = decide(
            [bucketing(10, 100)], first.state,
            segments: ["browser": "SF", "customSegments": ["12", "x"], "source": "ai_tool", "campaign": .null])
        let reported = later.kept[0].segments
        #expect(reported.browser == "safari" && reported.country == "DE")
        #expect(reported.devices == ["all_tablets", "iPad"] && reported.customSegments == [12])
        #expect(reported.sources == ["ai_tool"] && reported.campaign == nil)
        #expect(decide([bucketing(10, 100)], isEnriched: false, first.state).kept[0].segments.browser == nil)
    }

    @Test(arguments: [
        ("ConvertAgent/1.0", false), ("ConvertAgent (bot)", false), ("", false),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36", false),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", true), ("Mozilla/5.0 (Linux; Android 11; CUBOT P40)", false),
        ("HeadlessChrome/120", true), ("curl/8", false),
    ])
    func botsAreKnownByTheirNames(_ agent: String, _ isBot: Bool) {
        #expect(BotFilter.isBot(agent) == isBot)
    }
}
