import JSON
import ServingDocument

extension Shop {
    /// A web project with an experience of each type.
    static let everyWebType = ServedProject(
        web,
        goals: [
            goal(1, "dom_interaction", ["settings": ["tracked_items": [["selector": "a", "event": "click"]]]]),
            goal(
                2, "scroll_percentage", ["settings": ["percentage": 50], "triggering_rule": tree(url(contains: "a"))]),
            goal(3, "revenue", ["settings": ["triggering_type": "manual"]]), goal(4, "advanced"),
            goal(5, "visits_page", ["triggering_rule": tree(url(contains: "thanks"))]),
            goal(6, "ga_import", ["settings": ["ga_event": "purchase"]]),
            goal(7, "submits_form", ["settings": ["action": "/send"]]),
            goal(8, "clicks_link", ["settings": ["href": "/buy"]]),
            goal(9, "clicks_element", ["settings": ["selector": "#buy", "only_where_experience_runs": true]]),
        ],
        locations: [
            location(1), location(2, ["trigger": ["type": "dom_element", "selector": "#x", "events": ["click"]]]),
            location(3, ["trigger": ["type": "callback", "js": "f()"], "rules": .null]),
            location(4, ["trigger": ["type": "manual"]]),
        ],
        audiences: [audience(1, "permanent"), audience(2), audience(3, "segmentation")],
        experiences: [
            experience(
                1, "a/b",
                [
                    "locations": [1, 2], "audiences": [1, 2, 3], "goals": [1, 2, 3, 4, 5, 6, 7, 8, 9],
                    "primary_goal": 1, "global_js": "a()", "global_css": ".a {}",
                    "settings": [
                        "matching_options": ["audiences": "all", "locations": "any"], "min_order_value": 1,
                        "outliers": ["products_ordered_count": ["detection_type": "percentile", "max": 99]],
                        "keep_winner": true,
                    ],
                    "integrations": [
                        [
                            "provider": "google_analytics", "type": "ga4", "enabled": true, "measurementId": "G-2",
                            "propertyId": "5", "audiences": ["10": "x"],
                        ],
                        ["provider": "baidu", "enabled": .null, "custom_dimension": "2"],
                        ["provider": "microsoft_clarity", "enabled": true],
                    ],
                    "variations": [
                        variation(10, share: 50),
                        variation(
                            11, share: 50,
                            changes: [
                                change(1, "defaultCode", ["css": .null, "js": "x", "custom_js": .null]),
                                change(2, "customCode", ["css": ".a {}", "js": .null]),
                                change(3, "richStructure", ["js": .null, "selector": "#a", "note": "n"]),
                            ]),
                    ],
                ]),
            experience(2, "a/a"),
            experience(
                3, "mvt",
                [
                    "variations": [
                        variation(30, share: 25), variation(31, share: 25), variation(32, share: 25),
                        variation(
                            33, share: 25,
                            changes: [
                                change(4, "customCode", ["css": "a", "js": "b"]),
                                change(5, "customCode", ["css": "c", "js": "d"]),
                            ]),
                    ]
                ]),
            experience(
                4, "split_url",
                [
                    "site_area": ["include": [url(contains: "/old")], "exclude": [url(contains: "/old/x")]],
                    "settings": ["split_url_settings": ["split_regex_support": true, "split_add_query_params": true]],
                    "variations": [
                        variation(40, share: 50),
                        variation(
                            41, share: 50,
                            changes: [
                                change(
                                    6, "defaultRedirect",
                                    [
                                        "case_sensitive": false, "original_pattern": "/old",
                                        "variation_pattern": "/new",
                                    ])
                            ]),
                    ],
                ]),
            experience(
                5, "multipage",
                [
                    "multipage_pages": [["id": "1", "name": "Cart", "url": "https://shop.example.com/cart"]],
                    "variations": [
                        variation(50, share: 50),
                        variation(
                            51, share: 50,
                            changes: [
                                change(
                                    7, "defaultCodeMultipage",
                                    ["css": .null, "js": "p()", "custom_js": .null, "page_id": "1"]),
                                change(8, "customCode", ["css": .null, "js": "q()", "page_id": "1"]),
                            ]),
                    ],
                ]),
            experience(
                6, "deploy",
                [
                    "variations": [
                        variation(60, share: 100, changes: [change(9, "customCode", ["css": .null, "js": "d()"])])
                    ]
                ]),
        ])

    static let features: [JSONValue] = [
        [
            "id": 1, "name": "Banner", "key": "banner", "status": "active", "description": "d",
            "variables": [
                ["key": "enabled", "type": "boolean", "default_value": false],
                ["key": "title", "type": "string", "default_value": "Hello"],
                ["key": "size", "type": "integer", "default_value": .null],
                ["key": "ratio", "type": "float", "default_value": 0.5],
                ["key": "more", "type": "json", "default_value": #"{"a":1}"#],
            ],
        ],
        ["id": 2, "name": "Lone", "key": "lone", "status": "active", "variables": []],
    ]

    /// A fullstack project with an experience of each type.
    static let everyFullstackType = ServedProject(
        fullstack, goals: [goal(1), goal(2, "revenue", ["settings": ["triggering_type": "manual"]])],
        locations: [location(1)], audiences: [audience(1), audience(2, "segmentation")], features: features,
        experiences: [
            experience(
                1, "a/b_fullstack",
                [
                    "audiences": [1], "goals": [2, 1],
                    "variations": [
                        variation(10, share: 50),
                        variation(
                            11, share: 50,
                            changes: [
                                change(
                                    1, "fullStackFeature",
                                    ["feature_id": 1, "variables_data": ["enabled": true, "size": 3]])
                            ]),
                    ],
                ]),
            experience(
                2, "feature_rollout",
                [
                    "traffic_distribution": 30,
                    "variations": [
                        variation(
                            20, share: 100,
                            changes: [change(2, "fullStackFeature", ["feature_id": 2, "variables_data": [:]])])
                    ],
                ]),
        ])
}
