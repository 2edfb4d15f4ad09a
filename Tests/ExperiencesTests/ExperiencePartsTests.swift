import ExperimentsTestSupport
import Identity
import JSON
import Resources
import TestSupport
import Testing
import Time

@testable import Experiences

/// Variations, changes and sections that are changed one by one.
@Suite struct ExperiencePartsTests: ExperienceSuite {
    let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    @Test func membersOfAChangeThatAreNotSentStay() async throws {
        let code: JSONValue = ["type": "customCode", "data": ["js": "go()", "css": "a"]]
        let id = try await add("a/b", ["variations": [["name": "a"], ["name": "b", "changes": [code]]]])
        let change = try #require(try await get(id)["variations"]?[1]?["changes"]?[0]?["id"]?.int64)
        let body: JSONValue = ["id": .integer(change), "type": "customCode", "data": ["css": "b"]]
        let shown = try await service.updateChange(change, of: id, body.object ?? JSONObject(), rig.scope())
        #expect(shown["data"] == ["js": "go()", "css": "b"])
    }

    @Test func theKeyOfAVariationKnowsItsChanges() async throws {
        let code: JSONValue = ["type": "customCode", "data": ["js": "go()", "css": "a"]]
        let id = try await add("a/b", ["variations": [["name": "a"], ["name": "b", "changes": [code]]]])
        let variation = try #require(try await get(id)["variations"]?[1])
        let (changeID, variationID) = (variation["changes"]?[0]?["id"]?.int64 ?? 0, variation["id"]?.int64 ?? 0)
        _ = try await service.updateChange(
            changeID, of: id, JSONObject([("data", JSONValue.object(JSONObject([("css", "b")])))]), rig.scope())
        let stale = JSONObject([
            ("changes", JSONValue.array([])), ("concurrency_key", variation["concurrency_key"] ?? .null),
        ])
        await #expect(throws: ExperimentsError.self) {
            try await service.updateVariation(variationID, of: id, stale, rig.scope())
        }
        // What changes nothing makes nobody's key stale.
        let key = try await get(id)["concurrency_key"]
        rig.hand.advance(seconds: 1)
        _ = try await service.updateVariation(variationID, of: id, JSONObject(), rig.scope())
        #expect(try await get(id)["concurrency_key"] == key)
    }

    @Test func aPageHasOneCodeInAVariation() async throws {
        func code(_ page: String) -> JSONValue {
            [
                "type": "defaultCodeMultipage",
                "data": ["js": .null, "css": .null, "custom_js": .null, "page_id": .string(page)],
            ]
        }
        let pages: JSONValue = [
            ["id": "a", "name": "A", "url": "https://a/"], ["id": "b", "name": "B", "url": "https://b/"],
        ]
        let twice = await field {
            _ = try await add(
                "multipage",
                [
                    "multipage_pages": pages,
                    "variations": [["name": "x"], ["name": "y", "changes": [code("a"), code("a")]]],
                ])
        }
        #expect(twice == "data.page_id")
        let id = try await add("multipage", ["multipage_pages": pages])
        let changes = try await get(id)["variations"]?[1]?["changes"]?.array ?? []
        #expect(changes.compactMap { $0["data"]?["page_id"]?.string } == ["a", "b"])
        let moved = await field {
            _ = try await service.updateChange(
                changes[1]["id"]?.int64 ?? 0, of: id,
                JSONObject([("data", JSONValue.object(JSONObject([("page_id", "a")])))]), rig.scope())
        }
        #expect(moved == "data.page_id")
    }

    @Test func sectionsKeepNamesAndOrderAndTellTheHistory() async throws {
        let id = try await add("mvt")
        let options = ExperienceService.SectionOptions(include: ["versions"], expand: ["versions"])
        func store(_ section: String?, _ body: JSONValue) async throws -> JSONValue {
            try await service.storeSection(section, of: id, body.object ?? JSONObject(), rig.scope(), options)
        }
        let made = try await store(
            nil, ["id": "q", "name": "Head", "versions": [["name": "free"], ["id": "a", "name": "given"]]])
        #expect(made["data"]?[0]?["versions"]?.array?.compactMap { $0["id"]?.string } == ["b", "a"])
        let kept = try await store("q", ["id": "q", "versions": [["id": "a"], ["id": "b"]]])
        #expect(kept["data"]?[0]?["name"] == "Head")
        #expect(kept["data"]?[0]?["versions"]?.array?.compactMap { $0["name"]?.string } == ["given", "free"])
        #expect(
            await field { _ = try await store("q", ["versions": [["id": "a", "name": " "]]]) } == "versions[0].name")
        await #expect(throws: ExperimentsError.self) {
            try await store("q", ["versions": [["id": "a", "concurrency_key": "stale"], ["id": "b"]]])
        }
        try await update(id, ["status": "active"])
        await #expect(throws: ExperimentsError.self) { try await store("q", ["versions": [["id": "b"], ["id": "a"]]]) }
        _ = try await store("q", ["name": "Top", "versions": [["id": "a"], ["id": "b"]]])
        let project = rig.scope().project
        let history = try await rig.history.list(
            project, experienceID: id, ListRequest(JSONObject([("results_per_page", 50)])))
        let names = (history.items ?? []).compactMap { $0["changes"]?["new"]?["sections"]?[0]?["name"]?.string }
        #expect(names.contains("Top") && names.contains("Head"))
    }

    /// Experiences and variations are counted apart: the first experience has the number of one of its variations.
    @Test func theHistoryHasPartsWithTheNumberOfTheExperience() async throws {
        let id = try await add()
        let variations = try #require(try await get(id)["variations"]?.array).compactMap { $0["id"]?.int64 }
        #expect(variations.contains(id))
        let history = try await rig.history.list(rig.scope().project, experienceID: id, ListRequest(nil))
        let made = (history.items ?? []).filter { $0["object"] == "variation" }.compactMap { $0["object_id"]?.string }
        #expect(Set(made) == Set(variations.map { "\($0)" }))
    }
}
