import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import Resources
import Synchronization
import TestSupport
import Testing
import Time

@testable import Experiences

@Suite struct ExperienceTests: ExperienceSuite {
    let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func ids(_ experience: JSONValue) -> [Int64] {
        (experience["variations"]?.array ?? []).compactMap { $0["id"]?.int64 }
    }

    // MARK: variations

    @Test func sharesAreEqualUnlessAllAreGiven() async throws {
        func shares(_ given: [JSONValue]) async throws -> [Double] {
            let variations = given.map { share -> JSONValue in
                share == .null ? ["name": "v"] : ["name": "v", "traffic_distribution": share]
            }
            let id = try await add("a/b", ["variations": .array(variations)])
            return (try await get(id)["variations"]?.array ?? []).compactMap { $0["traffic_distribution"]?.double }
        }
        #expect(try await shares([nil, nil, nil]) == [33.3334, 33.3333, 33.3333])
        #expect(try await shares([10, 45, 45]) == [10, 45, 45])
        #expect(try await shares([10, 20]) == [10, 20])
        #expect(try await shares([10, nil]) == [50, 50])
        let refused = await field { _ = try await shares([60, 60]) }
        #expect(refused == "variations[1].traffic_distribution")
    }

    @Test func withVersionTwelveSharesAreOfWhatTheStoppedOnesLeave() async throws {
        func shares(_ stopped: Double, _ more: JSONValue...) async throws -> [Double] {
            let first: JSONValue = ["name": "s", "status": "stopped", "traffic_distribution": .double(stopped)]
            let id = try await add(
                "a/b", ["version": 12, "status": "active", "variations": .array([first] + more)])
            return (try await get(id)["variations"]?.array ?? []).compactMap { $0["traffic_distribution"]?.double }
        }
        #expect(try await shares(50, ["name": "a"], ["name": "b"]) == [50, 25, 25])
        #expect(try await shares(0.5, ["name": "a"], ["name": "b"], ["name": "c"]) == [0.5, 33.1667, 33.1667, 33.1666])
        #expect(await field { _ = try await shares(100, ["name": "a"], ["name": "b"]) } == "variations")
        let given: JSONValue = ["name": "a", "traffic_distribution": 40]
        #expect(await field { _ = try await shares(50, given, given) } == "variations")
        // With the version of before those that are stopped take up nothing.
        let id = try await add(
            "a/b",
            [
                "variations": [
                    ["name": "s", "status": "stopped", "traffic_distribution": 50], ["name": "a"], ["name": "b"],
                ]
            ])
        #expect(
            try await get(id)["variations"]?.array?.compactMap { $0["traffic_distribution"]?.double } == [50, 50, 50])
    }

    @Test func thereIsOneBaseline() async throws {
        let id = try await add("a/b", ["variations": [["name": "a"], ["name": "b", "is_baseline": true]]])
        #expect(try await get(id)["variations"]?.array?.map { $0["is_baseline"] } == [false, true])
        let two = await field {
            _ = try await add(
                "a/b", ["variations": [["name": "a", "is_baseline": true], ["name": "b", "is_baseline": true]]])
        }
        #expect(two == "variations[1].is_baseline")
        let first = ids(try await get(id))[0]
        _ = try await service.updateVariation(first, of: id, JSONObject([("is_baseline", true)]), rig.scope())
        #expect(try await get(id)["variations"]?.array?.map { $0["is_baseline"] } == [true, false])
        await #expect(throws: ExperimentsError.self) { try await service.deleteVariation(first, of: id, rig.scope()) }
    }

    @Test func deploysHaveOneVariationAndNoGoals() async throws {
        let id = try await add("deploy")
        #expect(ids(try await get(id)).count == 1)
        #expect(
            await field { _ = try await add("deploy", ["variations": [["name": "a"], ["name": "b"]]]) } == "variations")
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger", "selected_default": true])
        #expect(try await get(try await add("deploy"))["goals"] == [])
        #expect(await field { _ = try await add("deploy", ["goals": [.integer(goal)]]) } == "goals")
        #expect(try await get(try await add())["primary_goal"] == .integer(goal))
    }

    @Test func startedExperiencesKeepTheirVariations() async throws {
        let id = try await add()
        let variations = ids(try await get(id))
        try await update(id, ["status": "active"])
        let list: JSONValue = .array(variations.map { ["id": .integer($0)] } + [["name": "new"]])
        #expect(await field { try await update(id, ["variations": list]) } == "variations")
        #expect(await field { try await update(id, ["variations": [["id": .integer(variations[0])]]]) } == "variations")
        await #expect(throws: ExperimentsError.self) {
            try await service.deleteVariation(variations[1], of: id, rig.scope())
        }
        try await update(id, ["variations": .array(variations.map { ["id": .integer($0), "name": "renamed"] })])
        #expect(try await get(id)["variations"]?.array?.map { $0["name"] } == ["renamed", "renamed"])
    }

    @Test func featuresTakeValuesOfTheirVariables() async throws {
        let feature = try await rig.add(
            .features, ["name": "f", "variables": [["key": "size", "type": "integer", "default_value": 1]]], .fullstack)
        func change(_ data: JSONValue) -> JSONValue {
            ["variations": [["name": "v", "changes": [["type": "fullStackFeature", "data": data]]]]]
        }
        let id = try await add(
            "feature_rollout", change(["feature_id": .integer(feature), "variables_data": ["size": 3]]), .fullstack)
        let place = "variations[0].changes[0].data"
        for (data, wrong): (JSONValue, String) in [
            (["feature_id": .integer(feature), "variables_data": ["size": "big"]], "\(place).variables_data.size"),
            (["feature_id": .integer(feature), "variables_data": ["other": 1]], "\(place).variables_data.other"),
            (["feature_id": 999, "variables_data": [:]], "\(place).feature_id"),
        ] {
            #expect(await field { _ = try await add("feature_rollout", change(data), .fullstack) } == wrong)
        }
        #expect(await field { _ = try await add("a/b_fullstack") } == "type")
        let page = try await rig.service().list(
            .experiences, ListRequest(JSONObject([("features", JSONValue([feature]))])), rig.scope(.fullstack))
        #expect(page.items?.compactMap { $0["id"]?.int64 } == [id])
    }

    @Test func goalsGoneAreMeasuredNoMore() async throws {
        let first = try await rig.add(.goals, ["name": "a", "type": "code_trigger"])
        let second = try await rig.add(.goals, ["name": "b", "type": "code_trigger"])
        let id = try await add("a/b", ["goals": [.integer(first), .integer(second)]])
        #expect(await field { try await update(id, ["goals": [.integer(second)]]) } == "goals")
        try await rig.service().delete(.goals, first, rig.scope())
        #expect(try await get(id)["primary_goal"] == .integer(second))
        try await rig.service().delete(.goals, second, rig.scope())
        #expect(try await get(id)["primary_goal"]?.int64 == nil)
    }

    // MARK: sections

    private func section(_ id: String, _ versions: String...) -> JSONObject {
        let list = versions.map { ["id": .string($0), "name": .string("\(id)\($0)")] as JSONValue }
        return JSONObject([("id", .string(id)), ("name", .string(id)), ("versions", .array(list))])
    }

    @Test func combinationsThatSurviveKeepTheirIds() async throws {
        let id = try await add("mvt")
        let options = ExperienceService.SectionOptions(include: ["versions"], expand: ["versions"])
        func names() async throws -> [Int64: String] {
            let list = try await get(id)["variations"]?.array ?? []
            return Dictionary(uniqueKeysWithValues: list.map { ($0["id"]?.int64 ?? 0, $0["name"]?.string ?? "") })
        }
        let original = ids(try await get(id))[0]
        _ = try await service.storeSection(nil, of: id, section("a", "1", "2"), rig.scope(), options)
        _ = try await service.storeSection(nil, of: id, section("b", "1", "2"), rig.scope(), options)
        let four = ids(try await get(id))
        #expect(four.count == 4 && four[0] == original)
        #expect(try await get(id)["variations"]?.array?.map { $0["is_baseline"] } == [true, false, false, false])
        // A version more: the four stay. One less: those without it stay.
        _ = try await service.storeSection("b", of: id, section("b", "1", "2", "3"), rig.scope(), options)
        let six = ids(try await get(id))
        #expect(six.count == 6 && Set(six).isSuperset(of: four))
        try await service.deleteVersion("1", ofSection: "b", of: id, rig.scope())
        let left = ids(try await get(id))
        #expect(left.count == 4 && Set(six).isSuperset(of: left) && !left.contains(original))
        // A section less: of those that become the same, the first stays.
        let body = JSONObject([("sections", JSONValue.array([.object(section("a", "1", "2"))]))])
        _ = try await service.storeSections(of: id, body, rig.scope(), options)
        let two = ids(try await get(id))
        #expect(Set(left).isSuperset(of: two) && two.count == 2)
    }

    @Test func tooManyCombinationsAreRefused() async throws {
        let id = try await add("mvt")
        let options = ExperienceService.SectionOptions(include: [], expand: [])
        let sections = (0..<4).map { number -> JSONValue in
            let versions = (0..<10).map { ["id": .string("\($0)"), "name": "v"] as JSONValue }
            return ["id": .string("\(number)"), "name": "s", "versions": .array(versions)]
        }
        let refused = await field {
            _ = try await service.storeSections(
                of: id, JSONObject([("sections", .array(sections))]), rig.scope(), options)
        }
        let only = ids(try await get(id))
        #expect(refused == "sections" && only.count == 1)
        await #expect(throws: ExperimentsError.self) {
            try await service.storeSection(nil, of: try await add(), section("a", "1"), rig.scope(), options)
        }
    }

    // MARK: copies, keys, tokens

    @Test func copiesAreDraftsOfTheirOwn() async throws {
        let code: JSONValue = ["type": "customCode", "data": ["js": "go()", "css": ""]]
        let id = try await add("a/b", ["variations": [["name": "a"], ["name": "b", "changes": [code]]]])
        try await update(id, ["status": "active"])
        let copy = try await service.clone(id, name: nil, include: [], expand: ["variations.changes"], rig.scope())
        #expect(copy["status"] == "draft" && copy["start_time"] == .null && copy["name"] == "Copy of E")
        #expect(Set(ids(copy)).isDisjoint(with: ids(try await get(id))))
        #expect(copy["variations"]?[1]?["changes"]?[0]?["data"] == ["js": "go()", "css": ""])
        let variation = ids(try await get(id))[1]
        let deployed = try await service.convert(variation, of: id, to: "deploy", rig.scope())
        #expect(deployed["type"] == "deploy" && deployed["goals"] == [] && ids(deployed).count == 1)
        await #expect(throws: ExperimentsError.self) {
            try await service.convert(variation, of: id, to: "mvt", rig.scope())
        }
    }

    @Test func staleChangesAreConflicts() async throws {
        let id = try await add()
        let key = try #require(try await get(id)["concurrency_key"])
        try await update(id, ["name": "F", "concurrency_key": key])
        rig.hand.advance(seconds: 1)
        await #expect(throws: ExperimentsError.self) { try await update(id, ["name": "G", "concurrency_key": key]) }
        #expect(try await get(id)["name"] == "F")
    }

    @Test func reportTokensOpenOneExperienceForAWhile() async throws {
        let tokens = ReportTokenStore(store: rig.store, masterKey: rig.masterKey, clock: rig.hand.clock)
        let id = try await add()
        let first = try await tokens.token(experienceID: id, hours: 2, new: false)
        #expect(first.expiresAt == rig.hand.now.adding(seconds: 7_200))
        #expect(try await tokens.token(experienceID: id, hours: nil, new: false).value == first.value)
        #expect(try await tokens.isValid(first.value, experienceID: id))
        #expect(try await !tokens.isValid(first.value, experienceID: id + 1))
        let second = try await tokens.token(experienceID: id, hours: nil, new: true)
        #expect(try await !tokens.isValid(first.value, experienceID: id))
        rig.hand.advance(seconds: 24 * 3_600)
        #expect(try await !tokens.isValid(second.value, experienceID: id))
        let third = try await tokens.token(experienceID: id, hours: nil, new: false)
        try await tokens.delete(experienceID: id)
        #expect(try await !tokens.isValid(third.value, experienceID: id))
        await #expect(throws: IdentityError.notFound(.experience, "999")) {
            try await tokens.token(experienceID: 999, hours: nil, new: false)
        }
    }

    @Test func copiesMayUseWhatIsArchived() async throws {
        let audience = try await rig.add(
            .audiences, ["name": "old", "type": "transient", "rules": nil])
        let id = try await add("a/b", ["audiences": [.integer(audience)]])
        _ = try await rig.service().update(
            .audiences, audience, JSONObject([("status", "archived")]), rig.scope())
        #expect(await field { _ = try await add("a/b", ["audiences": [.integer(audience)]]) } == "audiences[0]")
        let copy = try await service.clone(id, name: nil, include: [], expand: [], rig.scope())
        #expect(copy["audiences"] == [.integer(audience)])
    }

    @Test func multivariateTestsAreCopiedWhole() async throws {
        let id = try await add("mvt")
        let options = ExperienceService.SectionOptions(include: [], expand: [])
        let code: JSONValue = ["type": "customCode", "data": ["js": "go()", "css": ""]]
        let body: JSONValue = [
            "id": "a", "name": "s",
            "versions": [
                ["id": "1", "name": "one"], ["id": "2", "name": "two", "changes": [code]],
            ],
        ]
        _ = try await service.storeSection(nil, of: id, body.object ?? JSONObject(), rig.scope(), options)
        let variation = ids(try await get(id))[1]
        _ = try await service.updateVariation(
            variation, of: id, JSONObject([("name", "Renamed"), ("is_baseline", true)]), rig.scope())
        let copy = try await service.clone(
            id, name: "Twin", include: [], expand: ["variations", "variations.changes"], rig.scope())
        #expect(copy["variations"]?.array?.map { $0["name"] } == ["Original", "Renamed"])
        #expect(copy["variations"]?.array?.map { $0["is_baseline"] } == [true, false])
        #expect(copy["variations"]?[1]?["changes"]?[0]?["data"] == ["js": "go()", "css": ""])
    }

    @Test func idsInListsStandOnce() async throws {
        let id = try await add()
        let first = ids(try await get(id))[0]
        let twice: JSONValue = [["id": .integer(first)], ["id": .integer(first)]]
        #expect(await field { try await update(id, ["variations": twice]) } == "variations[1].id")
        let test = try await add("mvt")
        let options = ExperienceService.SectionOptions(include: [], expand: [])
        let refused = await field {
            _ = try await service.storeSections(of: test, JSONObject(), rig.scope(), options)
        }
        #expect(refused == "sections")
    }

    @Test func deletedExperiencesAreForgotten() async throws {
        let id = try await add()
        try await rig.service().delete(.experiences, id, rig.scope())
        #expect(rig.forgotten.ids.withLock { $0 } == [id])
        let left = try await rig.store.read { try $0.value(Int.self, sql: "SELECT count(*) FROM variations") }
        #expect(left == 0)
    }
}
