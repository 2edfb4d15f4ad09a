public import JSON
public import Time

/// A named set of persons (`SegmentDef` in the lookups).
public struct Segment: Sendable, Equatable, Identifiable {
    public let id: Int64
    public let title: String
    public let description: String?
    public let status: SegmentStatus
    public let isHidden: Bool
    /// Protected segments can neither be changed nor deleted until that is lifted.
    public let isProtected: Bool
    /// The rule's JSON form, see ``SegmentRule``.
    public let rule: JSONValue
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    /// What the segment may be used for; this server knows no narrower use.
    public var usage: String { "all" }
    /// What the segment is a set of.
    public var category: String { "user_id" }
}

public enum SegmentStatus: String, Sendable, CaseIterable {
    case draft
    case published
    case archived
}

/// A segment to be.
public struct NewSegment: Sendable {
    public var title: String
    public var description: String?
    public var status: SegmentStatus
    public var isHidden: Bool
    public var isProtected: Bool
    public var rule: JSONValue

    public init(
        title: String, description: String? = nil, status: SegmentStatus = .published, isHidden: Bool = false,
        isProtected: Bool = false, rule: JSONValue
    ) {
        self.title = title
        self.description = description
        self.status = status
        self.isHidden = isHidden
        self.isProtected = isProtected
        self.rule = rule
    }
}

/// Changes to a segment; what is nil stays.
public struct SegmentChanges: Sendable {
    public var title: String?
    /// The inner nil removes the description.
    public var description: String??
    public var status: SegmentStatus?
    public var isHidden: Bool?
    public var isProtected: Bool?
    public var rule: JSONValue?

    public init(
        title: String? = nil, description: String?? = nil, status: SegmentStatus? = nil, isHidden: Bool? = nil,
        isProtected: Bool? = nil, rule: JSONValue? = nil
    ) {
        self.title = title
        self.description = description
        self.status = status
        self.isHidden = isHidden
        self.isProtected = isProtected
        self.rule = rule
    }
}

/// Why a change to segments was refused.
public enum SegmentError: FieldError, Equatable {
    /// Titles have 1 to 255 characters.
    case invalidTitle
    /// Descriptions have at most 2,000 characters.
    case invalidDescription
    case invalidRule(SegmentRuleError)
    case protected(id: Int64)
    /// Finding out who belongs to it would take too long.
    case tooCostly

    public var field: String? {
        switch self {
        case .invalidTitle: "title"
        case .invalidDescription: "description"
        case .invalidRule(let error): error.field
        case .tooCostly: "rule"
        case .protected: nil
        }
    }

    public var message: String {
        switch self {
        case .invalidTitle: "give between 1 and 255 characters"
        case .invalidDescription: "give at most 2000 characters"
        case .invalidRule(let error): error.message
        case .tooCostly:
            """
            deciding who belongs to the segment takes more work than a segment may; use fewer conditions on long texts and \
            shorter lists
            """
        case .protected(let id): "segment \(id) is protected; set is_protected to false first"
        }
    }
}
