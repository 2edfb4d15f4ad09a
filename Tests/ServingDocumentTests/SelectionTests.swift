import JSON
import ProjectDocuments
import ServingDocument
import Testing

@Suite struct SelectionTests {
    private static let statuses = ServedProject(
        Shop.fullstack,
        experiences: [
            Shop.experience(6, "a/b_fullstack", ["status": "archived"]),
            Shop.experience(5, "a/b_fullstack", ["status": "completed"]),
            Shop.experience(4, "a/b_fullstack", ["status": "scheduled"]),
            Shop.experience(3, "a/b_fullstack", ["status": "paused"]),
            Shop.experience(2, "a/b_fullstack", ["status": "draft"]),
            Shop.experience(1, "a/b_fullstack"),
        ])

    @Test func everybodyGetsWhatRuns() {
        #expect(Self.statuses.ids("experiences") == ["1"])
        #expect(Self.statuses.document()["is_debug"] == false)
        #expect(Self.statuses.ids("experiences", experiences: [2]) == [])
    }

    @Test func debugOpensWhatDoesNotRunYetOrPauses() {
        #expect(Self.statuses.ids("experiences", isDebug: true) == ["1", "2", "3", "4"])
        #expect(Self.statuses.document(isDebug: true)["is_debug"] == true)
        #expect(
            Self.statuses.document(isDebug: true)["experiences"]?.array?.map { $0["status"] }
                == ["active", "draft", "paused", "scheduled"])
    }

    @Test func completedOnesHaveToBeNamed() {
        #expect(Self.statuses.ids("experiences", experiences: [5], isDebug: true) == ["5"])
        #expect(Self.statuses.ids("experiences", experiences: [5]) == [])
        #expect(Self.statuses.ids("experiences", experiences: [6], isDebug: true) == [])
        #expect(Self.statuses.ids("experiences", experiences: [], isDebug: true) == [])
        #expect(Self.statuses.ids("experiences", experiences: [1, 3, 77], isDebug: true) == ["1", "3"])
    }

    @Test func environmentsHaveTheirOwn() throws {
        var project = ServedProject(
            Shop.fullstack,
            experiences: [
                Shop.experience(1, "a/b_fullstack", ["environment": "staging"]), Shop.experience(2, "a/b_fullstack"),
                Shop.experience(3, "a/b_fullstack", ["environment": .null]),
            ])
        #expect(project.ids("experiences") == ["2", "3"])
        #expect(project.ids("experiences", environment: "production") == ["2", "3"])
        #expect(project.ids("experiences", environment: "staging") == ["1"])
        #expect(project.ids("experiences", environment: "Staging") == [])
        #expect(project.ids("experiences", experiences: [1]) == [])
        #expect(project.document(environment: "staging")["experiences"]?[0]?["environment"] == "staging")
        project.project.members["environments"] = ["live": ["label": "Live", "is_default": false]]
        project.experiences = [ExperienceDocument(Shop.experience(4, "a/b_fullstack", ["environment": "live"]))]
        #expect(project.ids("experiences") == ["4"])
    }

    @Test func theOrderOfTheInputChangesNoByte() {
        for project in ContractTests.projects {
            var reversed = project
            reversed.goals.reverse()
            reversed.locations.reverse()
            reversed.audiences.reverse()
            reversed.features.reverse()
            reversed.experiences.reverse()
            #expect(project.document().encoded() == reversed.document().encoded())
        }
    }

    @Test func archivedExperiencesAreListedById() {
        var project = Self.statuses
        project.archivedExperienceIDs = [12, 6, 12]
        #expect(project.document()["archived_experiences"] == ["6", "12"])
    }

    @Test func whatIsArchivedStaysWhereItIsUsed() throws {
        let archived: JSONValue = ["status": "archived"]
        var feature = Shop.features[0]
        feature["status"] = "archived"
        let change = Shop.change(1, "fullStackFeature", ["feature_id": 1, "variables_data": [:]])
        let using = Shop.experience(
            1, "a/b_fullstack",
            [
                "audiences": [1, 2], "locations": [1], "goals": [1, 2],
                "variations": [Shop.variation(10, share: 100, changes: [change])],
            ])
        var project = ServedProject(
            Shop.fullstack, goals: [Shop.goal(1, "code_trigger", archived), Shop.goal(2)],
            locations: [Shop.location(1, archived), Shop.location(2, archived), Shop.location(3)],
            audiences: [
                Shop.audience(1, "transient", archived), Shop.audience(2, "segmentation", archived),
                Shop.audience(3, "transient", archived), Shop.audience(4),
            ],
            features: [feature, Shop.features[1]], experiences: [using])
        #expect(project.ids("audiences") == ["1", "4"])
        #expect(project.ids("segments") == ["2"])
        #expect(project.ids("locations") == ["1", "3"])
        #expect(project.ids("features") == ["1", "2"])
        #expect(project.ids("goals") == ["2"])
        #expect(try project.experience()["goals"] == ["2"])
        #expect(try project.experience()["audiences"] == ["1", "2"])
        project.experiences = []
        #expect(project.ids("audiences") == ["4"])
        #expect(project.ids("segments") == [])
        #expect(project.ids("locations") == ["3"])
        #expect(project.ids("features") == ["2"])
    }

    @Test func rulesUseWhatTheyName() {
        func rule(_ type: String, _ id: JSONValue) -> JSONValue {
            Shop.tree(["rule_type": .string(type), "value": id, "matching": ["match_type": "equals"]])
        }
        let project = ServedProject(
            Shop.web,
            goals: [Shop.goal(1), Shop.goal(2, "advanced", ["triggering_rule": rule("bucketed_into_segment", 3)])],
            audiences: [
                Shop.audience(1, "transient", ["rules": rule("bucketed_into_segment", 2)]),
                Shop.audience(2, "segmentation", ["status": "archived", "rules": rule("goal_triggered", 2)]),
                Shop.audience(3, "segmentation", ["status": "archived"]), Shop.audience(4, "segmentation"),
            ],
            experiences: [Shop.experience(1, "a/b", ["audiences": [1]])])
        #expect(project.ids("segments") == ["2", "3", "4"])
        #expect(project.ids("segments", experiences: [1]) == ["2", "3"])
        #expect(project.ids("goals", experiences: [1]) == ["2"])
    }

    @Test func namedExperiencesBringOnlyWhatTheyUse() {
        let project = Shop.everyFullstackType
        #expect(project.ids("features", experiences: [2]) == ["2"])
        #expect(project.ids("goals", experiences: [2]) == [])
        #expect(project.ids("goals", experiences: [1]) == ["1", "2"])
        #expect(project.ids("audiences", experiences: [1]) == ["1"])
        #expect(project.ids("segments", experiences: [1]) == [])
        #expect(project.ids("locations", experiences: [1]) == [])
    }

    @Test func unusedLocationsAreLeftOutWhereTheProjectSaysSo() {
        let project = Shop.everyWebType
        #expect(project.ids("locations") == ["1", "2", "3", "4"])
        #expect(
            project.changing { $0["settings"]?["ignore_unused_locations"] = true }.ids("locations") == ["1", "2"])
    }

    @Test func nonsenseIsLeftOut() {
        let project = ServedProject(
            "project", goals: [1, "x", .null, ["name": "no id"]], locations: [[]], audiences: [true],
            features: [1.5], experiences: [["id": "7", "status": "active"], ["id": 1], .null])
        let document = project.document(isDebug: true)
        for list in ["goals", "locations", "audiences", "segments", "experiences"] { #expect(document[list] == []) }
        #expect(document["project"]?["id"] == "")
    }
}
