import JSON
import ServingDocument
import Testing

@Suite struct FeatureValueTests {
    private func served(_ value: JSONValue, _ type: String) throws -> JSONValue? {
        let feature: JSONValue = [
            "id": 1, "key": "f", "name": "F", "status": "active",
            "variables": [
                ["key": "set", "type": .string(type)], ["key": "kept", "type": .string(type), "default_value": value],
            ],
        ]
        let change = Shop.change(1, "fullStackFeature", ["feature_id": 1, "variables_data": ["set": value]])
        let experience = Shop.experience(
            1, "a/b_fullstack", ["variations": [Shop.variation(1, share: 100, changes: [change])]])
        let project = ServedProject(Shop.fullstack, features: [feature], experiences: [experience])
        let data = try project.experience()["variations"]?[0]?["changes"]?[0]?["data"]?["variables_data"]
        #expect(value.isNull || data?["set"] == data?["kept"])
        return data?["set"]
    }

    @Test func objectsAndListsOfJSONAreValuesAndAllElseIsText() throws {
        #expect(try served(["a": [1, .null]], "json") == ["a": [1, .null]])
        #expect(try served(#"{"a": [1, null]}"#, "json") == ["a": [1, .null]])
        #expect(try served("[]", "json") == [])
        #expect(try served(5, "json") == "5")
        #expect(try served("5", "json") == "5")
        #expect(try served(.null, "json") == "null")
        #expect(try served(true, "json") == "true")
        #expect(try served(#""word""#, "json") == #""word""#)
        #expect(try served("no JSON", "json") == "no JSON")
    }

    @Test func textStandsForValuesOfOtherTypes() throws {
        #expect(try served("true", "boolean") == true)
        #expect(try served("false", "boolean") == false)
        #expect(try served(false, "boolean") == false)
        #expect(try served("7", "integer") == 7)
        #expect(try served("1.5", "float") == 1.5)
        #expect(try served("1.5", "string") == "1.5")
        #expect(try served("many", "integer") == "many")
    }

    @Test func levelsAreCounted() throws {
        let values: [(JSONValue, Int)] = [(1, 0), ([], 1), (["a": 1], 1), ([1, [["a": []]], 2], 4)]
        for (value, depth) in values { #expect(FeatureValue.depth(of: value) == depth) }
        // With the deepest value a config is within what readers of JSON take.
        let deepest = (0..<FeatureValue.maximumDepth).reduce(JSONValue.null) { value, _ in [value] }
        let change = Shop.change(1, "fullStackFeature", ["feature_id": 1, "variables_data": ["v": deepest]])
        let experience = Shop.experience(
            1, "a/b_fullstack", ["variations": [Shop.variation(1, share: 100, changes: [change])]])
        let feature: JSONValue = ["id": 1, "key": "f", "name": "F", "variables": [["key": "v", "type": "json"]]]
        let project = ServedProject(Shop.fullstack, features: [feature], experiences: [experience])
        #expect(FeatureValue.depth(of: ServedConfig(project, ServingSelection()).document) == 59)
    }

    @Test func whatIsNoneOfItsTypeIsNoValue() {
        let none: [(JSONValue, String)] = [
            ("yes", "boolean"), (1, "boolean"), ("1.5", "integer"), (1.5, "integer"), ("", "integer"),
            ("0x10", "float"),
            ("1,5", "float"), ("{", "json"), ("", "json"), ("word", "json"), ("{} {}", "json"), (5, "string"),
            (.null, "string"), (.null, "integer"),
        ]
        for (value, type) in none { #expect(FeatureValue.read(value, type: type) == nil, "\(value) \(type)") }
    }
}
