import JSON
import ServingDocument
import Testing

/// Projects as the management interface shows them.
enum Shop {
    static let fullstack = project(type: "fullstack")
    static let web = project(type: "web")

    static func project(type: String) -> JSONValue {
        [
            "id": 7, "account_id": 3, "name": "Shop", "project_type": .string(type), "type": "own",
            "status": "active", "created_at": 1_700_000_000, "modified_at": 1_700_000_100,
            "tracking_snippet": "<script></script>", "sdk_key": "3/7",
            "environments": [
                "staging": ["label": "Staging", "is_default": false, "js": "stage()"],
                "production": ["label": "Production", "is_default": true, "js": .null],
            ],
            "global_javascript": "hello()",
            "domains": [
                ["id": 1, "url": "https://shop.example.com", "code_installed": true],
                ["id": 2, "url": "https://*.example.com:8443/a", "code_installed": false],
                ["id": 3, "url": "http://shop.example.co.uk", "code_installed": false],
            ],
            "reporting_settings": [
                "currency_symbol": "$", "max_order_value": 1000, "stop_tracking_goals_after_days": "OFF",
                "outliers": ["order_value": ["detection_type": "min_max", "min": 1, "max": 500]],
            ],
            "settings": [
                "allow_crossdomain_tracking": true, "allow_gdpr": false, "data_anonymization": false,
                "do_not_track": "EU ONLY", "global_privacy_control": "OFF", "include_jquery": false,
                "include_jquery_v1": true, "disable_spa_functionality": false, "do_not_track_referral": false,
                "time_zone": "Europe/Berlin", "utc_offset": 3600, "version": "2026-01-01T00:00:00Z-4",
                "tracking_script": [
                    "current_version": "v2.11.3", "release": ["type": "manual"],
                    "available_versions": [
                        ["version": "v3.0.0", "released_date": 1_800_000_000],
                        ["version": "v2.11.3", "released_date": 1_700_000_000],
                    ],
                ],
                "visitor_insights": ["enabled": true, "sampling_rate": 10, "id": "vi-1"],
            ],
            "integrations_settings": [
                "google_analytics": [
                    "type": "ga4", "enabled": true, "measurementId": "G-1", "propertyId": "99",
                    "no_wait_pageview": false,
                ],
                "kissmetrics": ["enabled": true],
            ],
            "custom_domain": ["domain": "ab.example.com", "status": "pending"],
        ]
    }

    /// One rule as a tree, as rules of audiences, locations and goals are.
    static func tree(_ rule: JSONValue) -> JSONValue { ["OR": [["AND": [["OR_WHEN": [rule]]]]]] }

    static func url(contains text: String) -> JSONValue {
        [
            "rule_type": "url", "value": .string(text),
            "matching": ["match_type": "contains", "negated": false],
        ]
    }

    static func goal(_ id: Int64, _ type: String = "code_trigger", _ more: JSONValue = [:]) -> JSONValue {
        merged(
            [
                "id": .integer(id), "name": .string("Goal \(id)"), "key": .string("goal-\(id)"),
                "type": .string(type), "status": "active", "is_system": false, "selected_default": false,
                "triggering_rule": .null,
            ], more)
    }

    static func location(_ id: Int64, _ more: JSONValue = [:]) -> JSONValue {
        merged(
            [
                "id": .integer(id), "name": .string("Location \(id)"), "status": "active", "preset": false,
                "selected_default": false, "rules": tree(url(contains: "/page-\(id)")), "trigger": ["type": "upon_run"],
            ], more)
    }

    static func audience(_ id: Int64, _ type: String = "transient", _ more: JSONValue = [:]) -> JSONValue {
        let rule: JSONValue = [
            "rule_type": "generic_text_key_value", "key": "plan", "value": .string("plan-\(id)"),
            "matching": ["match_type": "matches", "negated": false],
        ]
        return merged(
            [
                "id": .integer(id), "name": .string("Audience \(id)"), "status": "active", "preset": false,
                "type": .string(type), "selected_default": false, "rules": tree(rule),
            ], more)
    }

    static func experience(_ id: Int64, _ type: String, _ more: JSONValue = [:]) -> JSONValue {
        merged(
            [
                "id": .integer(id), "name": .string("Experience \(id)"), "key": .string("experience-\(id)"),
                "project": 7, "type": .string(type), "status": "active", "description": "", "version": 11,
                "traffic_distribution": 100, "environment": "production", "global_js": "", "global_css": "",
                "start_time": .null, "end_time": .null, "objective": .null, "integrations": [],
                "customizations": [], "tags": [], "goals": [], "audiences": [], "locations": [],
                "settings": ["matching_options": ["audiences": "any", "locations": "any"]],
                "variations": [variation(id * 10, share: 50), variation(id * 10 + 1, share: 50)],
                "concurrency_key": "abc",
            ], more)
    }

    static func variation(
        _ id: Int64, share: JSONValue, changes: [JSONValue] = [], status: String = "running"
    ) -> JSONValue {
        [
            "id": .integer(id), "name": .string("Variation \(id)"), "key": .string("variation-\(id)"),
            "description": "", "is_baseline": false, "traffic_distribution": share, "status": .string(status),
            "concurrency_key": "abc", "changes": .array(changes),
        ]
    }

    static func change(_ id: Int64, _ type: String, _ data: JSONValue) -> JSONValue {
        ["id": .integer(id), "type": .string(type), "data": data, "concurrency_key": "abc"]
    }

    static func merged(_ base: JSONValue, _ more: JSONValue) -> JSONValue {
        var merged = base
        for (key, value) in more.object ?? JSONObject() { merged[key] = value }
        return merged
    }
}

extension ServedProject {
    /// A project of account 3.
    init(
        _ project: JSONValue, goals: [JSONValue] = [], locations: [JSONValue] = [], audiences: [JSONValue] = [],
        features: [JSONValue] = [], experiences: [JSONValue] = []
    ) {
        self.init(
            accountID: 3, project: project, goals: goals, locations: locations, audiences: audiences,
            features: features, experiences: experiences)
    }

    func document(
        environment: String? = nil, experiences: Set<Int64>? = nil, isDebug: Bool = false
    ) -> JSONValue {
        let selection = ServingSelection(environment: environment, experienceIDs: experiences, isDebug: isDebug)
        return ServedConfig(self, selection).document
    }

    /// The ids in a list of the document.
    func ids(
        _ list: String, environment: String? = nil, experiences: Set<Int64>? = nil, isDebug: Bool = false
    ) -> [String] {
        let document = document(environment: environment, experiences: experiences, isDebug: isDebug)
        return document[list]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    /// The only experience of the document.
    func experience(isDebug: Bool = false) throws -> JSONValue {
        let served = document(isDebug: isDebug)["experiences"]?.array ?? []
        try #require(served.count == 1)
        return served[0]
    }
}
