import JSON
import ServingDocument
import Testing

@Suite struct ExperienceTests {
    private func served(_ id: Int64) throws -> JSONValue {
        let experiences = Shop.everyWebType.document()["experiences"]?.array ?? []
        return try #require(experiences.first { $0["id"] == .string(String(id)) })
    }

    @Test func aTestIsServedWhole() throws {
        #expect(
            try served(1) == [
                "id": "1", "name": "Experience 1", "key": "experience-1", "locations": ["1", "2"],
                "audiences": ["1", "2", "3"], "goals": ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
                "status": "active", "global_js": "a()", "global_css": ".a {}", "type": "a/b", "version": 11,
                "variations": [
                    [
                        "id": "10", "name": "Variation 10", "key": "variation-10", "traffic_allocation": 50,
                        "status": "running", "changes": [],
                    ],
                    [
                        "id": "11", "name": "Variation 11", "key": "variation-11", "traffic_allocation": 50,
                        "status": "running",
                        "changes": [
                            [
                                "id": 1, "type": "defaultCode",
                                "data": ["css": .null, "js": "x", "custom_js": .null],
                            ],
                            ["id": 2, "type": "customCode", "data": ["css": ".a {}", "js": .null]],
                            [
                                "id": 3, "type": "richStructure",
                                "data": ["js": .null, "selector": "#a", "note": "n"],
                            ],
                        ],
                    ],
                ],
                "integrations": [
                    ["provider": "google_analytics", "enabled": true, "type": "ga4", "measurementId": "G-2"],
                    ["provider": "baidu", "enabled": .null, "custom_dimension": "2"],
                    ["provider": "microsoft_clarity", "enabled": true],
                ],
                "environment": "production",
                "settings": [
                    "min_order_value": 1,
                    "outliers": ["products_ordered_count": ["detection_type": "percentile", "max": 99]],
                    "matching_options": ["audiences": "all", "locations": "any"],
                ],
            ])
    }

    @Test func theLeastThatAnExperienceHas() throws {
        let bare = ServedProject(Shop.web, experiences: [["id": 5, "status": "active"]])
        #expect(
            try bare.experience() == [
                "id": "5", "name": "5", "key": "5", "locations": [], "audiences": [], "goals": [], "status": "active",
                "version": 11, "variations": [],
                "settings": ["matching_options": ["audiences": "any", "locations": "any"]],
            ])
    }

    @Test func combinationsCarryTheChangesOfTheirVersions() throws {
        let variations = try #require(try served(3)["variations"]?.array)
        #expect(variations.map { $0["traffic_allocation"] } == [25, 25, 25, 25])
        #expect(variations.map { $0["changes"]?.array?.count } == [0, 0, 0, 2])
    }

    @Test func splitTestsRedirect() throws {
        let split = try served(4)
        #expect(split["settings"]?["split_url_settings"] == ["split_regex_support": true])
        #expect(
            split["variations"]?[1]?["changes"] == [
                [
                    "id": 6, "type": "defaultRedirect",
                    "data": ["case_sensitive": false, "original_pattern": "/old", "variation_pattern": "/new"],
                ]
            ])
    }

    @Test func legacyPageRulesBecomeATree() throws {
        func rule(_ text: String, _ isNegated: Bool) -> JSONValue {
            [
                "rule_type": "url", "value": .string(text),
                "matching": ["match_type": "contains", "negated": .bool(isNegated)],
            ]
        }
        let split = try served(4)
        #expect(
            split["site_area"] == [
                "OR": [["AND": [["OR_WHEN": [rule("/old", false)]], ["OR_WHEN": [rule("/old/x", true)]]]]]
            ])
        #expect(split["locations"] == nil)
        let both = ServedProject(
            Shop.web, locations: [Shop.location(1)],
            experiences: [
                Shop.experience(1, "a/b", ["locations": [1], "site_area": ["include": [Shop.url(contains: "x")]]])
            ])
        #expect(try both.experience()["site_area"] == nil)
        #expect(try both.experience()["locations"] == ["1"])
        let none = ServedProject(
            Shop.web, experiences: [Shop.experience(1, "a/b", ["site_area": ["include": [], "exclude": []]])])
        #expect(try none.experience()["site_area"] == nil)
        #expect(try none.experience()["locations"] == [])
    }

    @Test func pagesAndTheirCode() throws {
        let multipage = try served(5)
        #expect(
            multipage["multipage_pages"]
                == [["id": "1", "name": "Cart", "url": "https://shop.example.com/cart"]])
        #expect(multipage["variations"]?[1]?["changes"]?[0]?["data"]?["page_id"] == "1")
        #expect(multipage["variations"]?[1]?["changes"]?[1]?["data"] == ["css": .null, "js": "q()", "page_id": "1"])
    }

    @Test func deploysHaveOneVariationForAll() throws {
        let deploy = try served(6)
        #expect(deploy["goals"] == [])
        #expect(deploy["variations"]?.array?.compactMap { $0["traffic_allocation"] } == [100])
    }

    @Test func featuresAreFilledWithTheirDefaults() throws {
        let first = Shop.everyFullstackType.document()["experiences"]?[0]
        #expect(
            first?["variations"]?[1]?["changes"] == [
                [
                    "id": 1, "type": "fullStackFeature",
                    "data": [
                        "feature_id": 1,
                        "variables_data": [
                            "enabled": true, "size": 3, "title": "Hello", "ratio": 0.5, "more": ["a": 1],
                        ],
                    ],
                ]
            ])
    }

    @Test func expandedReferencesCountAsTheirIds() throws {
        let project = ServedProject(
            Shop.fullstack, goals: [Shop.goal(1), Shop.goal(2)], audiences: [Shop.audience(4)],
            experiences: [
                Shop.experience(
                    1, "a/b_fullstack", ["goals": [Shop.goal(2), 1, 2, "x"], "audiences": [Shop.audience(4), 99]])
            ])
        #expect(try project.experience()["goals"] == ["1", "2"])
        #expect(try project.experience()["audiences"] == ["4"])
    }
}
