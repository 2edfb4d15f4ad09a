import Testing
import Text

@Suite struct UnknownNameTests {
    private let names = NameSuggestions(
        ["user_id", "event_name", "metadata", "project_type", "name", "screen_width", "screen_height"],
        meanings: ["properties": "metadata", "distinct_id": "user_id"])

    @Test(arguments: [
        ("properties", "metadata"), ("Properties", "metadata"), ("distinctId", "user_id"), ("userId", "user_id"),
        ("USER-ID", "user_id"), ("type", "project_type"), ("metdata", "metadata"), ("screenwidth", "screen_width"),
        ("event_nam", "event_name"), ("my_event_name", "event_name"),
    ])
    func whatIsLikeAKnownNameIsTold(_ name: String, _ meant: String) {
        #expect(names.suggestion(for: name) == meant)
    }

    @Test(arguments: ["", "_", "colour", "x", "screen", "métadonnées", String(repeating: "metadata", count: 40)])
    func whatIsLikeNoneOrSeveralIsNot(_ name: String) {
        #expect(names.suggestion(for: name) == nil)
    }

    @Test func aNameThatIsKnownTwiceIsNoTie() {
        let names = NameSuggestions(["settings", "triggering_rule", "settings", "triggering_rule"])
        #expect(names.suggestion(for: "triggerring_rule") == "triggering_rule")
        #expect(names.suggestion(for: "setting") == "settings")
    }

    @Test func longNamesAreCut() {
        let name = UnknownName(path: String(repeating: "é", count: 5_000), suggestion: nil)
        #expect(name.path.unicodeScalars.count == UnknownName.maximumLength)
        #expect("\(UnknownName(path: "type", suggestion: "project_type"))".contains("did you mean project_type?"))
    }

    @Test func distancesCountWhatMustChange() {
        #expect(EditDistance.between("kitten".utf8, "sitting".utf8) == 3)
        #expect(EditDistance.between("".utf8, "abc".utf8) == 3 && EditDistance.between("abc".utf8, "abc".utf8) == 0)
    }
}
