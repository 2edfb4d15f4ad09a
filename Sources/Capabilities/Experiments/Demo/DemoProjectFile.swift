import JSON
import ProjectDocuments

/// The demo project as a file that projects are imported from.
enum DemoProjectFile {
    static let projectName = "Demo project"
    static let purchaseKey = "demo-purchase"
    static let signUpKey = "demo-newsletter"

    /// Ids mean something within the file only.
    private static let (purchase, signUp) = (Int64(1), Int64(2))
    private static let (returning, shop) = (Int64(1), Int64(1))

    /// - Parameter start: when its experiences began, in Unix seconds.
    static func make(startingAt start: Int64) -> JSONValue {
        [
            "version": 1,
            "project": ["name": .string(projectName), "project_type": "web"],
            "goals": [
                [
                    "id": .integer(purchase), "key": .string(purchaseKey), "name": "Demo: purchase", "type": "revenue",
                    "settings": ["triggering_type": "manual"], "description": "Simulated: an order and its amount.",
                ],
                [
                    "id": .integer(signUp), "key": .string(signUpKey), "name": "Demo: newsletter",
                    "type": "code_trigger",
                    "description": "Simulated: a sign-up, which no experience changes.",
                ],
            ],
            "audiences": [
                [
                    "id": .integer(returning), "name": "Demo: whoever comes back",
                    "type": "permanent", "description": "Visitors on their second visit or a later one.",
                    "rules": rule("visits_count", "equalsNumber", 1, negated: true),
                ],
                [
                    "id": 2, "name": "Demo: on the first visit", "type": "transient",
                    "description": "Visitors on their first visit.",
                    "rules": rule("visits_count", "equalsNumber", 1),
                ],
            ],
            "locations": [
                [
                    "id": .integer(shop), "name": "Demo: the shop",
                    "rules": rule("url", "contains", "https://shop.example.com/"),
                ]
            ],
            "experiences": .array(DemoExperiment.all.map { experience($0, startingAt: start) }),
        ]
    }

    private static func rule(
        _ type: String, _ match: String, _ value: JSONValue, negated: Bool = false
    ) -> JSONValue {
        let element: JSONValue = [
            "rule_type": .string(type), "value": value,
            "matching": ["match_type": .string(match), "negated": .bool(negated)],
        ]
        return ["OR": [["AND": [["OR_WHEN": [element]]]]]]
    }

    private static func experience(_ experiment: DemoExperiment, startingAt start: Int64) -> JSONValue {
        let share = 100 / Double(experiment.arms.count)
        let variations = experiment.arms.enumerated().map { index, arm -> JSONValue in
            let isBaseline = index == 0 && experiment.type.hasBaseline
            return [
                "key": .string(arm.key), "name": .string(arm.name), "status": "running",
                "is_baseline": .bool(isBaseline), "traffic_distribution": .double(share),
                "changes": .array(isBaseline ? [] : changes(experiment.type)),
            ]
        }
        var shown: JSONValue = [
            "key": .string(experiment.key), "name": .string(experiment.name), "type": .string(experiment.type.rawValue),
            "description": .string(experiment.description), "url": "https://shop.example.com/", "status": "active",
            "started": true, "start_time": .integer(start), "locations": [.integer(shop)],
            "variations": .array(variations),
        ]
        if experiment.type.hasGoals {
            shown["goals"] = [.integer(purchase), .integer(signUp)]
            shown["primary_goal"] = .integer(purchase)
        }
        if experiment.type == .deploy { shown["audiences"] = [.integer(returning)] }
        return shown
    }

    private static func changes(_ type: ExperienceType) -> [JSONValue] {
        switch type {
        case .aa: []
        case .splitURL:
            [
                [
                    "type": "defaultRedirect",
                    "data": [
                        "case_sensitive": false, "original_pattern": "https://shop.example.com/pricing",
                        "variation_pattern": "https://shop.example.com/pricing-new",
                    ],
                ]
            ]
        default: [["type": "customCode", "data": ["css": ".demo { color: green }", "js": .null]]]
        }
    }
}
