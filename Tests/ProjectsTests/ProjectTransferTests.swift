import ControlStore
import Experiences
import ExperimentsTestSupport
import Identity
import JSON
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Projects

@Suite struct ProjectTransferTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func rule(_ type: String, _ id: Int64) -> JSONValue {
        ["OR": [["AND": [["OR_WHEN": [["rule_type": .string(type), "value": .integer(id)]]]]]]]
    }

    /// A project in which audiences name a goal and each other, whichever was made first.
    private func fill() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let outer = try await rig.add(
            .audiences, ["name": "outer", "type": "permanent", "rules": rule("goal_triggered", goal)])
        let inner = try await rig.add(
            .audiences, ["name": "inner", "type": "segmentation", "rules": rule("goal_triggered", goal)])
        _ = try await rig.service().update(
            .audiences, outer, JSONObject([("rules", rule("bucketed_into_segment", inner))]), rig.scope())
        _ = try await rig.add(
            .hypotheses,
            ["name": "h", "prioritization_score_type": "PIE", "tags": [["name": "t"]]])
    }

    private func export(_ id: Int64, _ selection: JSONValue = [:]) async throws -> JSONValue {
        let project = try #require(try await ProjectStore(store: rig.store).project(id, accountID: 1))
        let file = Bytes()
        try await rig.projects.export(project, ProjectSelection(selection.object ?? JSONObject())) { bytes in
            file.bytes.withLock { $0 += bytes }
        }
        return try JSONValue(parsing: file.bytes.withLock { $0 })
    }

    private final class Bytes: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let longest = Mutex(0)
    }

    private let noChecks = ProjectService.FileChecks(project: { _ in [] }, resource: { _, _ in [] })

    private func importProject(_ file: JSONValue) async throws -> Int64 {
        try await rig.projects.importProject(
            file, accountID: 1, author: rig.scope().author, checks: noChecks)
    }

    /// The ids of a file made anew in the order in which they come, and the rules with them.
    private func renumbered(_ file: JSONValue) -> JSONValue {
        var numbers: [Int64: Int64] = [:]
        for (_, member) in ProjectFile.members {
            for resource in file[member]?.array ?? [] {
                if let id = resource["id"]?.int64 { numbers[id] = Int64(numbers.count + 1) }
            }
        }
        var file = file
        for (_, member) in ProjectFile.members {
            file[member] = .array(
                (file[member]?.array ?? []).map { resource in
                    var resource = RuleReferences.mapRules(resource) { _, id in numbers[id] ?? 0 }
                    resource["id"] = resource["id"]?.int64.flatMap { numbers[$0] }.map { .integer($0) }
                    if let tags = resource["tags"]?.array {
                        resource["tags"] = JSONValue(tags.compactMap { $0.int64.flatMap { numbers[$0] } })
                    }
                    return resource
                })
        }
        return file
    }

    @Test func anExportImportedAndExportedIsTheSame() async throws {
        try await fill()
        let file = try await export(1)
        let copy = try await importProject(file)
        #expect(copy > 2)
        #expect(renumbered(try await export(copy)) == renumbered(file))
        #expect(file["tags"]?.array?.count == 1)
    }

    @Test func nothingOfABrokenFileIsImported() async throws {
        try await fill()
        var file = try await export(1)
        let before = try await rig.history.list(rig.scope().project, ListRequest(nil)).itemsCount
        file["goals"] = []
        await #expect(throws: ExperimentsError.self) { try await importProject(file) }
        await #expect(throws: ExperimentsError.self) {
            try await rig.projects.importParts(file, rig.scope(), checks: noChecks)
        }
        await #expect(throws: ExperimentsError.self) {
            try await rig.projects.importParts(
                try await export(1), rig.scope(),
                checks: ProjectService.FileChecks(project: { _ in [] }) { kind, _ in
                    kind == .tag ? [.init(field: "name", message: "is odd")] : []
                })
        }
        #expect(
            try await rig.projects.list(
                accountID: 1, projectIDs: nil, ListRequest(nil),
                ProjectService.Options(include: [], expand: [], baseURL: "")
            ).itemsCount == 2)
        #expect(try await rig.history.list(rig.scope().project, ListRequest(nil)).itemsCount == before)
        await #expect(throws: ExperimentsError.self) { try await importProject(["version": 2]) }
        await #expect(throws: ExperimentsError.self) {
            try await importProject(try await export(1, ["includeProject": false]))
        }
    }

    @Test func keyedResourcesOfAnExistingProjectAreChangedNotDoubled() async throws {
        try await fill()
        var file = try await export(
            1, ["includeProject": false, "audiences": ["include": []], "hypothesis": ["include": []]])
        var goal = try #require(file["goals"]?[0])
        goal["description"] = "changed"
        file["goals"] = [goal]
        let imported = try await rig.projects.importParts(file, rig.scope(), checks: noChecks)
        #expect(imported[.goal]?.count == 1)
        #expect(try await rig.names(.goals) == ["g"])
    }

    @Test func othersWriteWhileAFileIsBroughtIn() async throws {
        try await fill()
        let file = try await export(1)
        let rig = rig
        let write: @Sendable () throws -> Void = {
            _ = try rig.store.blockingWrite {
                try $0.execute(sql: "UPDATE accounts SET name = name || 'b' WHERE id = 1")
            }
        }
        // The first look is before anything is brought in, the second in the middle of it: the goal is there already.
        let checks = ProjectService.FileChecks(
            project: { _ in [] },
            resource: { kind, _ in
                if kind == .goal { try? write() }
                return []
            })
        let imported = try await rig.projects.importParts(file, rig.scope(), checks: checks)
        #expect(imported[.goal]?.count == 1)
        let name = try await rig.store.read { try Account.settings(of: 1, from: $0)?.name }
        #expect(name == "abb")
    }

    @Test func aProjectThatKeepsChangingTakesNoFile() async throws {
        try await fill()
        let file = try await export(1)
        let before = try await rig.history.list(rig.scope().project, ListRequest(nil)).itemsCount
        let rig = rig
        let change: @Sendable () throws -> Void = {
            try rig.store.blockingWrite { try Project.raiseRevision(of: 1, at: HandClock.start, in: $0) }
        }
        let checks = ProjectService.FileChecks(
            project: { _ in [] },
            resource: { kind, _ in
                if kind == .goal { try? change() }
                return []
            })
        let error = await #expect(throws: ExperimentsError.self) {
            try await rig.projects.importParts(file, rig.scope(), checks: checks)
        }
        guard case .conflict = error else { throw CancellationError() }
        #expect(try await rig.history.list(rig.scope().project, ListRequest(nil)).itemsCount == before)
    }

    @Test func resourcesThatAreTooMuchForOnePageAreExported() async throws {
        for name in ["a", "b", "c"] { _ = try await rig.add(.goals, ["name": .string(name), "type": "code_trigger"]) }
        try await rig.store.write {
            try $0.execute(
                sql: """
                    UPDATE resources SET document = json_set(document, '$.description', hex(zeroblob(6500000)))
                    WHERE kind = 'goal'
                    """)
        }
        let file = Bytes()
        try await rig.projects.export(rig.scope().project, ProjectSelection(JSONObject())) { bytes in
            file.longest.withLock { $0 = max($0, bytes.count) }
            file.bytes.withLock { $0 += bytes }
        }
        // One resource at a time, and all of them.
        let (whole, longest) = (file.bytes.withLock { $0 }, file.longest.withLock { $0 })
        #expect(whole.count > 39_000_000 && longest < 13_100_000)
        #expect(whole.suffix(2) == Array("]}".utf8))
    }

    @Test func selectionsHoldWhatTheyName() async throws {
        try await fill()
        let whole = try await export(1)
        let outer = try #require(whole["audiences"]?[0]?["id"])
        func names(_ selection: JSONValue) async throws -> [String] {
            try await export(1, selection)["audiences"]?.array?.compactMap { $0["name"]?.string } ?? []
        }
        #expect(try await names(["audiences": ["include": [outer]]]) == ["outer"])
        #expect(try await names(["audiences": ["exclude": [outer]]]) == ["inner"])
        #expect(try await names([:]) == ["outer", "inner"])
        let both: JSONValue = ["include": [], "exclude": []]
        #expect(throws: ExperimentsError.self) { try ProjectSelection(JSONObject([("goals", both)])) }
    }

    @Test func filesThatContradictThemselvesAreRefused() async throws {
        let goal: JSONValue = ["name": "g", "type": "code_trigger", "key": "k"]
        for (file, field): (JSONValue, String) in [
            (["version": 1, "goals": [goal, goal]], "goals[1].key"),
            (["version": 1, "reports": [["name": "e"]]], "reports"),
            (["version": 1, "hypothesis": [["name": "h", "tags": [777]]]], "hypothesis[0].tags[0]"),
            (["version": 1, "goals": [["name": " ", "type": "code_trigger"]]], "goals[0].name"),
        ] {
            let error = await #expect(throws: ExperimentsError.self) {
                try await rig.projects.importParts(file, rig.scope(), checks: noChecks)
            }
            guard case .invalid(let findings) = error else { throw CancellationError() }
            #expect(findings.first?.field == field)
        }
        let page = try await rig.service().list(.goals, ListRequest(nil), rig.scope())
        #expect(page.itemsCount == 0)
    }

    @Test func tagsInFullAndEmptyListsAreTaken() async throws {
        let file: JSONValue = [
            "version": 1, "experiences": [], "features": nil,
            "hypothesis": [["id": 4, "name": "h", "tags": [["name": "inline"], 9]]], "tags": [["id": 9, "name": "t"]],
        ]
        let imported = try await rig.projects.importParts(file, rig.scope(), checks: noChecks)
        let id = try #require(imported[.hypothesis]?.first)
        let shown = try await rig.service().get(
            .hypotheses, .id(id), include: [], expand: ["tags"], rig.scope())
        #expect(shown["tags"]?.array?.compactMap { $0["name"]?.string } == ["inline", "t"])
    }

    @Test func experiencesTravelWithAllThatTheyAre() async throws {
        let goal = try await rig.add(.goals, ["name": "g", "type": "code_trigger"])
        let code: JSONValue = ["type": "customCode", "data": ["js": "go()", "css": ""]]
        let running = try await rig.add(
            .experiences,
            [
                "name": "Run", "type": "a/b", "url": "https://x.example/", "goals": [.integer(goal)],
                "variations": [["name": "a"], ["name": "b", "changes": [code]]],
            ])
        for status in ["active", "paused"] {
            _ = try await rig.service().update(
                .experiences, running, JSONObject([("status", .string(status))]), rig.scope())
        }
        let test = try await rig.add(.experiences, ["name": "M", "type": "mvt", "url": "https://x.example/"])
        let service = ExperienceService(resources: rig.service())
        let section: JSONValue = [
            "id": "a", "name": "s",
            "versions": [["id": "1", "name": "one"], ["id": "2", "name": "two", "changes": [code]]],
        ]
        _ = try await service.storeSection(
            nil, of: test, section.object ?? JSONObject(), rig.scope(),
            ExperienceService.SectionOptions(include: [], expand: []))
        _ = try await rig.add(
            .hypotheses, ["name": "h", "objective": "o", "experiences": [.integer(running)]])

        let file = try await export(1, [:])
        let copy = try await importProject(file)
        let again = try await export(copy, [:])
        func comparable(_ file: JSONValue) -> [JSONValue] {
            (file["experiences"]?.array ?? []).map { experience in
                var experience = experience
                for member in ["id", "goals", "primary_goal", "tags", "audiences", "locations"] {
                    experience[member] = nil
                }
                return experience
            }
        }
        #expect(comparable(again) == comparable(file) && comparable(file).count == 2)
        #expect(
            again["experiences"]?[0]?["status"] == "paused" && again["experiences"]?[0]?["goals"]?.array?.count == 1)
        #expect(again["hypothesis"]?[0]?["experiences"]?.array?.count == 1)
        // Without the goals that they measure, experiences go nowhere.
        var without = file
        without["goals"] = []
        await #expect(throws: ExperimentsError.self) { try await importProject(without) }
        // Into the same project they come beside the others, with keys of their own.
        let parts = try await rig.projects.importParts(file, rig.scope(), checks: noChecks)
        #expect(parts[.experience]?.count == 2)
    }

    @Test func settingsAreCheckedToo() async throws {
        let checks = ProjectService.FileChecks(
            project: { _ in [.init(field: "name", message: "is long")] }, resource: { _, _ in [] })
        let error = await #expect(throws: ExperimentsError.self) {
            try await rig.projects.importParts(["version": 1, "project": [:]], rig.scope(), checks: checks)
        }
        #expect(error == .invalid([.init(field: "project.name", message: "project: is long")]))
    }
}
