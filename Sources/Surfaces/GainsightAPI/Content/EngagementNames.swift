import Content
import JSON

/// What the base contract and the vendor call engagements and their states.
extension Content {
    /// `Dialog`, `Slider` and so on.
    var baseType: String { (form?.rawValue ?? "dialog").withCapital }

    /// `IN_APP_DIALOG`, `IN_APP_NPS_SURVEY` and so on.
    var vendorType: String {
        EngagementSort.all.first { $0.sort == sort }?.name ?? "IN_APP_DIALOG"
    }

    private var sort: EngagementSort {
        if let survey { return .survey(survey) }
        return .form(form ?? .dialog)
    }

    /// A draft that is tried somewhere is staged.
    private var isStaged: Bool { status == .draft && !environments.isEmpty }

    var baseState: String {
        switch status {
        case .draft: isStaged ? "STAGED" : "DRAFT"
        case .published: isPaused ? "PAUSED" : "LIVE"
        case .archived: "PAUSED"
        }
    }

    var vendorState: String {
        switch status {
        case .draft: isStaged ? "IN_PROGRESS" : "EDITING"
        case .published: isPaused ? "PAUSED" : "STARTED"
        case .archived: "COMPLETED"
        }
    }

    /// Names of environments of the vendor's, such as `PRODUCTION`.
    var environments: [String] { (details["environments"]?.array ?? []).compactMap(\.string) }
}

extension EngagementSort {
    /// The vendor's names; the first of a sort is the one that is shown.
    fileprivate static let all: [(name: String, sort: EngagementSort)] = [
        ("IN_APP_DIALOG", .form(.dialog)), ("IN_APP_CAROUSEL", .form(.slider)), ("IN_APP_GUIDE", .form(.guide)),
        ("IN_APP_NOTIFICATION", .form(.tooltip)), ("IN_APP_NOTIFICATION", .form(.hotspot)),
        ("IN_APP_NOTIFICATION", .form(.badge)), ("IN_APP_NPS_SURVEY", .survey(.netPromoterScore)),
        ("IN_APP_CES_SURVEY", .survey(.customerEffortScore)), ("IN_APP_RATING_SURVEY", .survey(.rating)),
        ("IN_APP_BOOLEAN_SURVEY", .survey(.boolean)),
        ("IN_APP_MULTIPLE_QUESTION_SURVEY", .survey(.multipleQuestion)),
        // As events call them.
        ("IN_APP_SURVEY_NPS", .survey(.netPromoterScore)), ("IN_APP_SURVEY_CES", .survey(.customerEffortScore)),
        ("IN_APP_SURVEY_RATING", .survey(.rating)), ("IN_APP_SURVEY_BOOLEAN", .survey(.boolean)),
    ]

    /// The vendor's types that are nothing that is shown in an application.
    private static let elsewhere = ["EMAIL", "OUT_BOUND_EMAIL"]

    /// What a name of the vendor's means; none for e-mail; nil for a name that there is not.
    static func named(_ name: String) -> [EngagementSort]? {
        let sorts = all.filter { $0.name == name }.map(\.sort)
        return sorts.isEmpty && !elsewhere.contains(name) ? nil : sorts
    }

    static let names = all.map(\.name)
}

extension String {
    /// `Production` for `PRODUCTION`.
    var withCapital: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
