import HTTPTypes
import Testing

@testable import Gateway

@Suite struct ConditionsTests {
    @Test(arguments: [
        ("\"a\"", true), ("*", true), ("\"b\", \"a\"", true), ("W/\"a\"", true), ("\"b\",W/\"a\" ", true),
        ("\"b\"", false), ("a", false), ("\"x\"a\"", false), ("", false),
    ])
    func entitiesAreKnownByTheirTags(_ list: String, _ isKnown: Bool) {
        #expect(HTTPFields([HTTPField(name: .ifNoneMatch, value: list)]).hasEntity(tagged: "\"a\"") == isKnown)
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, GZIP;q=0.5", true), ("*", true), ("br, *;q=0.1", true), ("gzip;q=0, *", false),
        ("gzip;q=0", false), ("*;q=0", false), ("identity", false), ("", false), ("xgzip", false),
    ])
    func packedAnswersAreForThoseWhoTakeThem(_ list: String, _ isTaken: Bool) {
        #expect(HTTPFields([HTTPField(name: .acceptEncoding, value: list)]).acceptsGzip == isTaken)
    }

    @Test func whoSaysNothingGetsItPlainAndWhole() {
        #expect(!HTTPFields().acceptsGzip && !HTTPFields().hasEntity(tagged: "\"a\""))
    }

    @Test(arguments: [["100-continue"], ["100-Continue, foo"], ["foo ,100-continue"], ["foo", "100-continue"]])
    func bodiesAreInvited(_ lines: [String]) {
        #expect(HTTPFields(lines.map { HTTPField(name: .expect, value: $0) }).awaitsInvitation)
    }

    @Test(arguments: [[], [""], ["foo"], ["x100-continue", "100-continue;x"]])
    func noOthersAre(_ lines: [String]) {
        #expect(!HTTPFields(lines.map { HTTPField(name: .expect, value: $0) }).awaitsInvitation)
    }
}
