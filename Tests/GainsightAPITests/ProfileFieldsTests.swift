import JSON
import Testing

@testable import GainsightAPI

@Suite struct ProfileFieldsTests {
    static let both = [ProfileFields.user, .account]
    static let names =
        [
            "", "plan", "score", "email", "name", "id", "accountId", "customAttributes", "customAttributes.",
            "preferences",
        ]
        + ["customAttributes.score", "customAttributes.customAttributes.id", "customattributes.x", "Score", "a.b"]
        // é in both spellings are two names.
        + ["\u{E9}", "e\u{301}", "location.city", "\u{0}"]

    /// Whatever a custom attribute is called, it comes back under its name, and no two share a property.
    @Test(arguments: [0, 1]) func attributesKeepTheirNames(_ index: Int) {
        let fields = Self.both[index]
        var properties: [[UInt8]] = []
        for name in Self.names {
            let property = fields.property(ofAttribute: name)
            #expect(fields.attribute(ofProperty: property).map { Array($0.utf8) } == Array(name.utf8))
            #expect(fields[property] == nil, "\(name) hides a field")
            properties.append(Array(property.utf8))
        }
        #expect(Set(properties).count == Self.names.count)
    }

    /// Each property is a field or an attribute, never both, and none is lost.
    @Test(arguments: [0, 1]) func propertiesAreFieldsOrAttributes(_ index: Int) {
        let fields = Self.both[index]
        for name in Self.names {
            guard let attribute = fields.attribute(ofProperty: name) else {
                #expect(fields[name] != nil)
                continue
            }
            #expect(fields[name] == nil)
            guard attribute.utf8.count == name.utf8.count else { continue }
            #expect(fields.property(ofAttribute: attribute).utf8.elementsEqual(name.utf8))
        }
    }

    @Test func namesAreComparedByBytes() {
        #expect(ProfileFields.user["email"] != nil)
        #expect(ProfileFields.user["Email"] == nil)
        // The Kelvin sign is no K, though Swift says so.
        #expect(ProfileFields([.init(name: "K", kind: .text)])["\u{212A}"] == nil)
    }

    @Test func valuesAreShownInTheirForm() {
        func shown(_ kind: ProfileFields.Kind, _ value: JSONValue) -> JSONValue {
            ProfileFields.user.shown(.init(name: "x", kind: kind), of: ["x": value])
        }
        #expect(shown(.text, "a") == "a")
        #expect(shown(.text, 1) == "1")
        #expect(shown(.text, nil) == "")
        #expect(shown(.integer, "12") == 12)
        #expect(shown(.integer, 1.5) == 2)
        #expect(shown(.integer, "many") == 0)
        #expect(shown(.number, "1.5") == 1.5)
        #expect(shown(.number, "nan") == 0)
        #expect(shown(.time, "2025-06-15T15:06:40Z") == 1_750_000_000_000)
        #expect(shown(.time, 1_750_000_000_000) == 1_750_000_000_000)
        #expect(shown(.time, "soon") == 0)
        #expect(shown(.time, 1_000_000_000_000_000_000) == 0)
        #expect(shown(.time, "-99999999999999999") == 0)
        #expect(shown(.boolean, "TRUE") == true)
        #expect(shown(.boolean, "no") == false)
        #expect(shown(.texts, ["a", 1]) == ["a"])
        #expect(shown(.texts, "a") == [])
        #expect(shown(.object, ["a": 1]) == ["a": 1])
        #expect(shown(.object, 1) == nil)
        let alternative = ProfileFields.Field(name: "x", kind: .text, alternatives: ["y"], unknown: "?")
        #expect(ProfileFields.user.shown(alternative, of: ["y": "b"]) == "b")
        #expect(ProfileFields.user.shown(alternative, of: [:]) == "?")
    }

    @Test func attributesAreNullWhenThereAreNone() {
        #expect(ProfileFields.user.customAttributes(of: ["email": "a"]) == nil)
        #expect(
            ProfileFields.user.customAttributes(of: ["email": "a", "plan": 1, "customAttributes.email": "b"])
                == ["plan": 1, "email": "b"])
    }
}
