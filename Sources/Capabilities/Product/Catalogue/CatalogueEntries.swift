public import EventStore
public import JSON
public import Time

/// A property of users or companies, as learned from identify events (`PropertyDef` in the lookups).
public struct ProfileProperty: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let subject: ProfileSubject
    public let key: String
    public let displayName: String
    public let description: String?
    public let dataType: PropertyType
    public let isArchived: Bool
    public let firstSeenAt: Timestamp
    public let lastSeenAt: Timestamp
}

/// Whose properties: users' or companies'.
public enum ProfileSubject: String, Sendable, CaseIterable {
    case user
    case company
}

/// An event or feature that has been seen (`KeyedDef` in the lookups).
public struct LearnedEvent: Sendable, Equatable, Identifiable {
    public let id: Int64
    /// `track`, `track_feature` or `page_view`.
    public let type: EventType
    /// What exported rows carry as `event_name`: the event's name, or the feature's tag id. Empty for page views.
    public let name: String
    public let displayName: String
    public let description: String?
    public let isArchived: Bool
    public let firstSeenAt: Timestamp
    public let lastSeenAt: Timestamp
}

/// A property of events (`EventPropertyDef` in the lookups): learned from one event, or built in and common to all.
public struct EventProperty: Sendable, Equatable, Identifiable {
    /// Negative for a built-in property; the lookups write those as a string (`"-2"`), as the
    /// vendor does, and all others as a number.
    public let id: Int64
    public let key: String
    public let displayName: String
    public let description: String?
    public let dataType: PropertyType
    public let isArchived: Bool
    /// The event it belongs to; nil for a built-in property, which belongs to all.
    public let event: EventReference?
    public let firstSeenAt: Timestamp
    public let lastSeenAt: Timestamp

    /// The event a property belongs to.
    public struct EventReference: Sendable, Equatable {
        public let id: Int64
        public let displayName: String
    }

    /// Whether the server fills it in by itself.
    public var isBuiltIn: Bool { id < 0 }
}

/// Changes to what people see of an entry; what is nil stays.
public struct CatalogueChanges: Sendable {
    public var displayName: String?
    /// The inner nil removes the description.
    public var description: String??
    public var isArchived: Bool?

    public init(displayName: String? = nil, description: String?? = nil, isArchived: Bool? = nil) {
        self.displayName = displayName
        self.description = description
        self.isArchived = isArchived
    }
}

/// Why a change to the catalogue was refused.
public enum CatalogueError: FieldError, Equatable {
    /// Display names have 1 to 255 characters.
    case invalidDisplayName
    /// Descriptions have at most 2,000 characters.
    case invalidDescription

    public var field: String? {
        switch self {
        case .invalidDisplayName: "display_name"
        case .invalidDescription: "description"
        }
    }

    public var message: String {
        switch self {
        case .invalidDisplayName: "give between 1 and 255 characters"
        case .invalidDescription: "give at most 2000 characters"
        }
    }
}
