public import JSON
public import Time

/// What is shown inside the customer's application.
public enum ContentKind: String, Sendable, CaseIterable {
    case flow
    case banner
    case embed
    case spotlight
    case survey
    case resourceCenterModule = "resource_center_module"
    case checklist
    /// Of a knowledge centre.
    case article
    case knowledgeCenterBot = "knowledge_center_bot"

    /// Whether a ``ContentType`` says more about it; required then.
    public var hasType: Bool { self == .embed }

    /// The list that holds what the content is made of.
    public var parts: ContentParts {
        switch self {
        case .survey: .modules
        case .checklist: .tasks
        case .flow, .banner, .embed, .spotlight, .resourceCenterModule, .article, .knowledgeCenterBot: .steps
        }
    }

    /// The form in which it is shown unless another one is given; nil for what is no engagement.
    public var standardForm: EngagementForm? {
        switch self {
        case .flow: .guide
        case .banner, .survey: .dialog
        case .embed: .badge
        case .spotlight: .hotspot
        case .checklist: .slider
        case .resourceCenterModule, .article, .knowledgeCenterBot: nil
        }
    }
}

/// How an engagement meets people.
public enum EngagementForm: String, Sendable, CaseIterable {
    case dialog
    case slider
    case guide
    case tooltip
    case hotspot
    case badge
}

/// What a survey asks for.
public enum SurveyKind: String, Sendable, CaseIterable {
    case netPromoterScore = "nps"
    case customerEffortScore = "ces"
    case rating
    case boolean
    case multipleQuestion = "multiple_question"
}

/// The two forms of embeds.
public enum ContentType: String, Sendable, CaseIterable {
    case banner
    case card
}

/// What a kind of content is made of.
public enum ContentParts: String, Sendable, CaseIterable {
    case steps
    /// Surveys: their questions.
    case modules
    /// Checklists.
    case tasks
}

public enum ContentStatus: String, Sendable, CaseIterable {
    case draft
    case published
    case archived
}

public enum ContentPlatform: String, Sendable, CaseIterable {
    case web
    case mobile
}

/// One piece of content.
public struct Content: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let kind: ContentKind
    /// Made from the first title, and never changed: unique in the environment and kind.
    public let key: String
    public let title: String
    /// For kinds that have one.
    public let type: ContentType?
    public let status: ContentStatus
    public let platform: ContentPlatform
    /// Of engagements.
    public let form: EngagementForm?
    /// Of surveys.
    public let survey: SurveyKind?
    /// Whether it is not shown though it is published.
    public let isPaused: Bool
    /// What else there is to say of it, an object: `description`, `environments`, `default_language`, `languages`,
    /// `custom_events`, `author`, `release_date`, `priority`, `product`.
    public let details: JSONValue
    /// What it is made of: a list of objects, called as ``ContentKind/parts`` says.
    public let parts: [JSONValue]
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
}

/// Content to be.
public struct NewContent: Sendable {
    public var kind: ContentKind
    public var title: String
    public var type: ContentType?
    public var status: ContentStatus
    public var platform: ContentPlatform
    public var parts: [JSONValue]
    /// Nil for the kind's own.
    public var form: EngagementForm?
    /// Nil for several questions.
    public var survey: SurveyKind?
    public var isPaused = false
    public var details: JSONValue = [:]

    public init(
        kind: ContentKind, title: String, type: ContentType? = nil, status: ContentStatus = .draft,
        platform: ContentPlatform = .web, parts: [JSONValue] = []
    ) {
        self.kind = kind
        self.title = title
        self.type = type
        self.status = status
        self.platform = platform
        self.parts = parts
    }
}

/// Changes to content; what is nil stays.
public struct ContentChanges: Sendable {
    public var title: String?
    public var type: ContentType?
    public var status: ContentStatus?
    public var platform: ContentPlatform?
    public var parts: [JSONValue]?
    public var form: EngagementForm?
    public var survey: SurveyKind?
    public var isPaused: Bool?
    /// Members that take the place of those of the same name.
    public var details: JSONValue?

    public init(
        title: String? = nil, type: ContentType? = nil, status: ContentStatus? = nil,
        platform: ContentPlatform? = nil, parts: [JSONValue]? = nil
    ) {
        self.title = title
        self.type = type
        self.status = status
        self.platform = platform
        self.parts = parts
    }
}
