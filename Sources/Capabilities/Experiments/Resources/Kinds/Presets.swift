public import JSON

/// Templates that every project has: for audiences and for locations. Nobody can change them; their rules are copied.
public enum Presets {
    /// One element of a rule tree.
    private static func when(_ type: String, _ match: String, _ value: JSONValue, negated: Bool = false) -> JSONValue {
        [
            "rule_type": .string(type), "matching": ["match_type": .string(match), "negated": .bool(negated)],
            "value": value,
        ]
    }

    /// All of the elements must hold.
    private static func all(_ elements: JSONValue...) -> JSONValue {
        ["OR": [["AND": .array(elements.map { ["OR_WHEN": [$0]] })]]]
    }

    /// Any of the elements must hold.
    private static func any(_ elements: JSONValue...) -> JSONValue {
        ["OR": [["AND": [["OR_WHEN": .array(elements)]]]]]
    }

    private static let audiences: [(name: String, description: String, rules: JSONValue)] = [
        ("New visitors", "On their first visit", all(when("visitor_type", "equals", "new"))),
        ("Returning visitors", "With an earlier visit", all(when("visitor_type", "equals", "returning"))),
        ("Desktop visitors", "On a computer", all(when("is_desktop", "equals", true))),
        ("Mobile visitors", "On a phone", all(when("is_mobile", "equals", true))),
        ("Tablet visitors", "On a tablet", all(when("is_tablet", "equals", true))),
        (
            "Visitors from paid search", "The medium of the visit is cpc or ppc",
            any(when("medium", "matches", "cpc"), when("medium", "matches", "ppc"))
        ),
        ("Visitors from e-mail", "The medium of the visit is email", all(when("medium", "matches", "email"))),
        ("Engaged visitors", "Saw at least three pages", all(when("pages_visited_count", "less", 3, negated: true))),
        (
            "Visitors on a weekend", "Saturday or Sunday in the project's time zone",
            any(
                when("project_time_day_of_week", "equalsNumber", 6),
                when("project_time_day_of_week", "equalsNumber", 7))
        ),
    ]

    private static let locations: [(name: String, description: String, rules: JSONValue)] = [
        ("All pages", "Every page of the site", all(when("url", "contains", "/"))),
        ("Home page", "The page at the root of the site", all(when("url", "regexMatches", "^https?://[^/?#]+/?$"))),
        ("Product pages", "Pages tagged as product", all(when("page_tag_page_type", "matches", "product"))),
        ("Category pages", "Pages tagged as category", all(when("page_tag_page_type", "matches", "category"))),
        ("Cart", "Pages with cart in their address", all(when("url", "contains", "cart"))),
        ("Checkout", "Pages with checkout in their address", all(when("url", "contains", "checkout"))),
    ]

    /// Of audiences (`getAudiencesPresets`).
    public static var ofAudiences: JSONValue { show(audiences) }

    /// Of locations (`getLocationsPresets`).
    public static var ofLocations: JSONValue { show(locations) }

    /// Experiences use copies, so none uses a preset itself.
    private static func show(_ presets: [(name: String, description: String, rules: JSONValue)]) -> JSONValue {
        .array(
            presets.enumerated().map { index, preset in
                [
                    "id": .integer(Int64(index + 1)), "name": .string(preset.name),
                    "description": .string(preset.description), "stats": ["experiences_usage": 0],
                    "rules": preset.rules,
                ]
            })
    }
}
