import ControlStore
import Experiences
import ExperimentsTestSupport
import Identity
import JSON
import Schema
import TestSupport
import Testing

@testable import Resources

/// What experiences that use a resource mean for it.
@Suite struct ResourceUsageTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func goal(_ name: String, _ more: (String, JSONValue)...) async throws -> Int64 {
        var body: JSONValue = ["name": .string(name), "type": "code_trigger"]
        for (field, value) in more { body[field] = value }
        return try await rig.add(.goals, body)
    }

    @Test func aResourceOfARunningExperienceStays() async throws {
        let used = try await goal("used")
        let free = try await goal("free")
        let running = try await rig.addExperience("Checkout", status: "active", using: [used])
        let failures = try await rig.service().delete(.goals, [used, free, 999], rig.scope())
        #expect(failures.map(\.id) == [used, 999])
        #expect(failures[0].message.contains("Checkout (\(running), active)"))
        #expect(try await rig.names(.goals) == ["used"])
        await #expect(throws: ExperimentsError.self) { try await rig.service().delete(.goals, used, rig.scope()) }

        try await rig.store.write {
            try $0.execute(sql: "UPDATE resources SET status = 'paused' WHERE id = 3")
        }
        try await rig.service().delete(.goals, used, rig.scope())
        #expect(try await rig.names(.goals).isEmpty)
    }

    @Test func listsFilterAndSortByUse() async throws {
        let (a, b) = (try await goal("a"), try await goal("b"))
        _ = try await goal("c")
        let first = try await rig.addExperience("1", status: "active", using: [a, b])
        _ = try await rig.addExperience("2", status: "draft", using: [a])
        _ = try await rig.addExperience("3", status: "archived", using: [b])
        #expect(
            try await rig.names(.goals, ["usage": "used", "sort_by": "name", "sort_direction": "asc"]) == ["a", "b"])
        #expect(try await rig.names(.goals, ["usage": "not_used"]) == ["c"])
        #expect(try await rig.names(.goals, ["sort_by": "times_used"]) == ["a", "b", "c"])
        #expect(try await rig.names(.goals, ["experiences": [.integer(first)], "sort_by": "name"]) == ["b", "a"])
        let shown = try await rig.service().get(.goals, .id(b), include: ["stats"], expand: [], rig.scope())
        // Archived experiences do not count.
        #expect(shown["stats"]?["times_used"] == 1)
    }

    @Test func goalsAreTrackedWhenTheyWereReachedLately() async throws {
        let (a, b) = (try await goal("a"), try await goal("b"))
        let conversions = [a: 3, b: 0]
        #expect(try await rig.names(.goals, ["tracking": "tracked"], conversions: conversions) == ["a"])
        #expect(try await rig.names(.goals, ["tracking": "not_tracked"], conversions: conversions) == ["b"])
        #expect(
            try await rig.names(.goals, ["sort_by": "goal_tracking_status"], conversions: conversions) == ["a", "b"])
        let shown = try await rig.service(conversions: conversions)
            .get(.goals, .id(a), include: ["stats"], expand: [], rig.scope())
        #expect(shown["stats"]?["conversions_last_48h"] == 3)
    }

    @Test func systemGoalsStay() async throws {
        let id = try await goal("a")
        try await rig.store.write { database in
            try database.execute(sql: "UPDATE resources SET document = json_set(document, '$.is_system', json('true'))")
        }
        await #expect(throws: ExperimentsError.self) { try await rig.service().delete(.goals, id, rig.scope()) }
    }

    @Test func deletedTagsLeaveWhatTheyWereOn() async throws {
        let tag = try await rig.add(.tags, ["name": "t"])
        let observation = try await rig.add(.observations, ["name": "o", "tags": [.integer(tag), ["name": "u"]]])
        try await rig.service().delete(.tags, tag, rig.scope())
        let shown = try await rig.service().get(
            .observations, .id(observation), include: [], expand: ["tags"], rig.scope())
        #expect(shown["tags"]?.array?.compactMap { $0["name"]?.string } == ["u"])
    }
}

@Suite struct RuleReferenceTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func rules(_ type: String, _ id: Int64) -> JSONValue {
        ["OR": [["AND": [["OR_WHEN": [["rule_type": .string(type), "value": .integer(id)]]]]]]]
    }

    private func audience(_ name: String, _ rules: JSONValue) async throws -> Int64 {
        try await rig.add(.audiences, ["name": .string(name), "type": "transient", "rules": rules])
    }

    @Test func rulesNameOnlyWhatTheProjectHas() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let foreign = try await rig.add(.goals, ["name": "f", "type": "code_trigger"], .fullstack)
        for (type, id) in [("goal_triggered", foreign), ("goal_triggered", 999), ("bucketed_into_segment", goal)] {
            await #expect(throws: ExperimentsError.self) { try await audience("a", rules(type, id)) }
        }
        let known = try await audience("a", rules("goal_triggered", goal))
        await #expect(throws: ExperimentsError.self) {
            try await rig.service().update(
                .audiences, known, JSONObject([("rules", rules("goal_triggered", 999))]), rig.scope())
        }
    }

    @Test func whatRulesNameStays() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let audience = try await audience("Fans", rules("goal_triggered", goal))
        let error = await #expect(throws: ExperimentsError.self) {
            try await rig.service().delete(.goals, goal, rig.scope())
        }
        #expect(error?.description.contains("audience Fans (\(audience))") == true)
        // Neither a change of something else nor a clone lets go of it.
        _ = try await rig.service().update(.audiences, audience, JSONObject([("name", "Others")]), rig.scope())
        let copy = try await rig.service().clone(.audiences, audience, include: [], rig.scope())["id"]?.int64 ?? 0
        try await rig.service().delete(.audiences, audience, rig.scope())
        await #expect(throws: ExperimentsError.self) { try await rig.service().delete(.goals, goal, rig.scope()) }
        _ = try await rig.service().update(.audiences, copy, JSONObject([("rules", .null)]), rig.scope())
        try await rig.service().delete(.goals, goal, rig.scope())
    }

    private func keyRules(_ keys: String...) -> JSONValue {
        let rules = keys.map { ["rule_type": "bucketed_into_experience_key", "value": .string($0)] as JSONValue }
        return ["OR": [["AND": [["OR_WHEN": .array(rules)]]]]]
    }

    private func experience(_ key: String) async throws -> Int64 {
        try await rig.add(
            .experiences, ["name": "E", "key": .string(key), "type": "a/b", "url": "https://x.example/"])
    }

    private func conflict(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch ExperimentsError.conflict(let message) {
            return message
        } catch {
            return "\(error)"
        }
    }

    @Test func keysThatRulesNameStay() async throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let named = try await experience(composed)
        let other = try await experience(decomposed)
        let audience = try await audience("Rest", keyRules(composed, composed, "unknown"))
        func delete(_ id: Int64) async -> String? {
            await conflict { try await rig.service().delete(.experiences, id, rig.scope()) }
        }
        func rename(_ id: Int64, _ key: String) async -> String? {
            await conflict {
                _ = try await rig.service().update(
                    .experiences, id, JSONObject([("key", .string(key))]), rig.scope())
            }
        }
        #expect(await delete(named)?.contains("audience Rest (\(audience))") == true)
        #expect(await rename(named, "new")?.contains("audience Rest (\(audience))") == true)
        // Keys are their bytes.
        #expect(await rename(other, "other") == nil)
        // One that was unknown when it was named is kept as well; another project's is not concerned.
        let late = try await experience("unknown")
        let foreign = try await rig.add(
            .experiences, ["name": "E", "key": "unknown", "type": "a/b_fullstack"], .fullstack)
        #expect(await delete(late) != nil)
        try await rig.service().delete(.experiences, foreign, rig.scope(.fullstack))
        _ = try await rig.service().update(.audiences, audience, JSONObject([("name", "Others")]), rig.scope())
        #expect(await rename(named, "new")?.contains("audience Others") == true)
        _ = try await rig.service().update(
            .audiences, audience, JSONObject([("rules", keyRules("unknown"))]), rig.scope())
        #expect(await rename(named, "new") == nil)
        try await rig.service().delete(.audiences, audience, rig.scope())
        #expect(await delete(late) == nil)
    }

    /// Which keys rules name is kept in rows, not looked up in rules.
    @Test func keysOfAnOlderStoreAreFound() async throws {
        let named = try await experience("first")
        let audience = try await audience("Rest", keyRules("first", "second"))
        try await rig.store.write { database in
            try database.run(
                script: """
                    DROP TABLE named_experience_keys;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '018 %';
                    """)
        }
        #expect(throws: StoreError.self) {
            try rig.store.blockingWrite { try $0.rows(sql: "SELECT * FROM named_experience_keys") }
        }
        _ = try ControlStore(path: rig.folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        let stored = try await rig.store.read {
            try $0.values(
                String.self, sql: "SELECT experience_key FROM named_experience_keys WHERE resource_id = ? ORDER BY 1",
                arguments: [audience])
        }
        #expect(stored == ["first", "second"])
        #expect(await conflict { try await rig.service().delete(.experiences, named, rig.scope()) } != nil)
    }

    @Test func aGoalMayNameItself() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        _ = try await rig.service().update(
            .goals, goal, JSONObject([("triggering_rule", rules("goal_triggered", goal))]), rig.scope())
        try await rig.service().delete(.goals, goal, rig.scope())
    }

    @Test func manyAreDeletedEachForItself() async throws {
        var ids: [Int64] = []
        for number in 0..<23 {
            ids.append(try await rig.add(.goals, ["name": .string("g\(number)"), "type": "code_trigger"]))
        }
        let failures = try await rig.service().delete(.goals, [7_777] + ids + ids + [8_888], rig.scope())
        #expect(failures.map(\.id) == [7_777, 8_888])
        #expect(try await rig.names(.goals) == [])
    }
}
