public import EventStore
public import JSON
public import Time

/// A part of the customer's application whose use is followed: events of it are `track_feature`, under its tag.
///
/// Clients send such events themselves, or the server makes them of page views and custom events that match an element.
public struct TrackedFeature: Sendable, Equatable, Identifiable {
    public enum Kind: String, Sendable, CaseIterable {
        case feature
        /// Holds features.
        case module
    }

    public let id: Int64
    /// What events of its use are called; unique in the environment.
    public let tag: String
    public let name: String
    public let kind: Kind
    /// The tag of the module or feature that it is in.
    public let parentTag: String?
    /// False for one that was deleted: it stays in the tree, and nothing is looked for any more.
    public let isActive: Bool
    /// A list of objects with `name` and `color`.
    public let labels: JSONValue
    public let elements: [FeatureElement]
    /// From when its elements, as they are, have been looked for; nil when it has none.
    public let countsSince: Timestamp?
    /// Where the log ended then; nil where that is not known.
    public let countsFrom: LogPosition?
    /// Events of its use, as far as they are in the log.
    public let eventCount: Int
    /// Users who have used it.
    public let userCount: Int
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
}

/// Something that tells that a feature is used. An event must match all that is given.
public struct FeatureElement: Sendable, Equatable {
    public let name: String
    /// Host and path of a page without the scheme, or a path that begins with `/`; `*` and `?` stand for any text and any character.
    public let url: String?
    /// The name of a custom event; `*` and `?` as above.
    public let eventName: String?
    /// What the event's property `element` says, such as a CSS selector.
    public let element: String?
    /// What the event's property `text` says.
    public let text: String?
    public let isEnabled: Bool

    public init(
        name: String, url: String?, eventName: String?, element: String?, text: String?, isEnabled: Bool = true
    ) {
        self.name = name
        self.url = url
        self.eventName = eventName
        self.element = element
        self.text = text
        self.isEnabled = isEnabled
    }

    /// The form in which it is stored and shown.
    public var json: JSONValue {
        [
            "name": .string(name), "url": .text(url), "event_name": .text(eventName), "element": .text(element),
            "text": .text(text), "enabled": .bool(isEnabled),
        ]
    }

    /// Members of other kinds count as missing.
    public init(_ json: JSONValue) {
        self.init(
            name: json["name"]?.string ?? "", url: json["url"]?.string, eventName: json["event_name"]?.string,
            element: json["element"]?.string, text: json["text"]?.string, isEnabled: json["enabled"]?.bool ?? true)
    }

    /// Whether it asks for anything.
    var saysSomething: Bool { url != nil || eventName != nil || element != nil || text != nil }
}

extension JSONValue {
    fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

/// A feature to be.
public struct NewFeature: Sendable {
    public var name: String
    public var kind: TrackedFeature.Kind
    /// Nil for one that the server makes.
    public var tag: String?
    public var parentTag: String?
    public var labels: JSONValue
    public var elements: [FeatureElement]

    public init(
        name: String, kind: TrackedFeature.Kind = .feature, tag: String? = nil, parentTag: String? = nil,
        labels: JSONValue = [], elements: [FeatureElement] = []
    ) {
        self.name = name
        self.kind = kind
        self.tag = tag
        self.parentTag = parentTag
        self.labels = labels
        self.elements = elements
    }
}

/// Changes to a feature; what is nil stays.
public struct FeatureChanges: Sendable {
    public var name: String?
    /// The inner nil moves it to the top.
    public var parentTag: String??
    public var isActive: Bool?
    public var labels: JSONValue?
    public var elements: [FeatureElement]?

    public init() {}
}

/// Why a feature was refused.
public enum FeatureError: FieldError, Equatable {
    case invalidName
    case invalidTag
    case tagTaken(String)
    case unknownParent(String)
    case circle
    case tooManyElements(limit: Int)
    case tooManyElementsInAll(limit: Int)
    case emptyElement(index: Int)
    case tooMany(limit: Int)

    public var field: String? {
        switch self {
        case .invalidName: "name"
        case .invalidTag, .tagTaken: "tag"
        case .unknownParent, .circle: "parent"
        case .tooManyElements, .tooManyElementsInAll: "elements"
        case .emptyElement(let index): "elements[\(index)]"
        case .tooMany: nil
        }
    }

    public var message: String {
        switch self {
        case .invalidName, .invalidTag: "give between 1 and 255 characters"
        case .tagTaken(let tag): "there is a feature with the tag \(tag) already"
        case .unknownParent(let tag): "there is no feature \(tag)"
        case .circle: "a feature cannot be inside itself"
        case .tooManyElements(let limit): "give at most \(limit)"
        case .tooManyElementsInAll(let limit): "an environment looks for at most \(limit) elements; disable some"
        case .emptyElement: "give at least one of url, event_name, element and text"
        case .tooMany(let limit): "an environment has at most \(limit) features"
        }
    }
}
