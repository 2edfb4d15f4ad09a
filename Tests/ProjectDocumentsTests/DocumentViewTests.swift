import JSON
import Testing

@testable import ProjectDocuments

@Suite struct DocumentViewTests {
    /// What nobody reads is shown as it was stored, in its place.
    @Test func changesLeaveTheRest() throws {
        let text = #"{"b":1,"start_time":5,"x":{"y":[null,1.5]},"end_time":7,"a":"é"}"#
        var experience = ExperienceDocument(try JSONValue(parsing: text))
        #expect(experience.json.encodedString == text)
        experience.startTime = 6
        experience.endTime = nil
        experience.isStarted = true
        #expect(
            experience.json.encodedString
                == #"{"b":1,"start_time":6,"x":{"y":[null,1.5]},"end_time":null,"a":"é","started":true}"#)
    }

    @Test func aLifeIsTakenOverAsItStands() {
        var experience = ExperienceDocument(["start_time": 1, "end_time": 2, "started": true])
        experience.takeLife(of: ExperienceDocument(["start_time": "soon", "end_time": .null]))
        #expect(experience.members == JSONObject([("start_time", "soon"), ("end_time", .null)]))
        #expect(experience.startTime == nil && experience.endTime == nil && !experience.isStarted)
    }

    /// Nothing that is stored ends the process, or is taken for something else.
    @Test(arguments: [
        "null", "[]", "7", #""text""#, "{}",
        #"{"id":"1","key":5,"status":"odd","type":[],"settings":7,"variations":{},"goals":3,"multipage_pages":[1]}"#,
        #"{"id":1.5,"settings":{"matching_options":[],"outliers":{"order_value":{"detection_type":"odd"}}}}"#,
    ])
    func damageIsNothing(_ text: String) throws {
        let experience = ExperienceDocument(try JSONValue(parsing: text))
        #expect(experience.id == nil && experience.key == nil && experience.status == nil && experience.type == nil)
        #expect(experience.goals.isEmpty && experience.variations.isEmpty && experience.startTime == nil)
        #expect(experience.pages.allSatisfy { $0.id == nil && $0.url == nil })
        #expect(!experience.settings.matchesAll(.audiences) && experience.settings.orderValueOutliers == nil)
        let project = ProjectDocument(try JSONValue(parsing: text))
        #expect(project.settings.utcOffset == 0 && project.domains.isEmpty && project.environments.isEmpty)
        #expect(project.customDomain == nil && project.integration("kissmetrics") == nil)
    }

    @Test func daysAreCountedFromTheStart() {
        let day: Int64 = 86_400
        let experience = ExperienceDocument(["start_time": 100])
        #expect(experience.time(afterDays: 2) == 100 + 2 * day)
        #expect(experience.time(afterDays: .max) == .max)
        #expect(experience.time(afterDays: 0) == nil && experience.time(afterDays: nil) == nil)
        #expect(ExperienceDocument(["start_time": .null]).time(afterDays: 2) == nil)
    }

    @Test func listsAreByIDOnceEach() {
        let goals = [3, 1, 3].enumerated().map { number, id in
            GoalDocument(["id": .integer(id), "name": .string("\(number)")])
        }
        #expect((goals + [GoalDocument(["name": "none"])]).byID.map(\.name) == ["1", "0"])
        #expect(ExperienceDocument(["goals": [2, ["id": 1], "x"]]).goals == [2, 1])
    }

    @Test func rulesOfATreeComeInOrder() throws {
        let tree: JSONValue = [
            "OR": [
                ["AND": [["OR_WHEN": [["value": 1], ["value": "2"]]], ["OR_WHEN": 5]]], 7,
                ["AND": [["OR_WHEN": [["value": "x"]]]]],
            ]
        ]
        #expect(RuleDocument.rules(tree).map(\.valueID) == [1, 2, nil])
        #expect(RuleDocument.mapping(tree) { $0 } == tree)
        #expect(RuleDocument.mapping(["AND": []]) { $0 } == Optional.none)
    }
}
