public import Text

/// Of whom a list is.
public enum ProfileKind: UInt8, Sendable, Hashable, CaseIterable {
    case person
    case company
}

/// Something that profiles are filtered and sorted by: where it is found, and what it is taken for.
public struct ProfileAttribute: Sendable, Hashable {
    /// A place where a value may stand.
    public enum Source: Sendable, Hashable {
        /// The user's or company's own id.
        case id
        /// The company that a person is in.
        case company
        case createdAt
        case modifiedAt
        case firstVisitAt
        case lastActiveAt
        case visitCount
        /// Companies only.
        case userCount
        /// Persons only.
        case score
        /// A property of identify calls; further names lead into the objects that it holds.
        case property(path: [ClientText])
        /// Persons only: a member of where their address is; further names lead into the objects that it holds.
        case inferredLocation(path: [ClientText])
    }

    /// What values are taken for. One that is missing, or cannot be taken for it, reads as nothing of the kind does.
    public enum ValueType: Sendable, Hashable {
        /// Missing reads as the empty text. Numbers and booleans are as they are written.
        case text
        /// Missing reads as 0. A text may be a number.
        case number
        /// Milliseconds since the epoch; missing reads as 0. A text may be a time (ISO 8601), or be such a number.
        case time
        /// Missing reads as false. A text may be `true`.
        case boolean
        /// Texts, of which any may match; missing reads as none. A text alone is a list of one.
        case list
    }

    /// The first that is there counts.
    public let sources: [Source]
    public let type: ValueType

    public init(_ type: ValueType, _ sources: Source...) {
        self.sources = sources
        self.type = type
    }

    public init(_ type: ValueType, _ sources: [Source]) {
        self.sources = sources
        self.type = type
    }

    /// Whether properties must be read for it.
    var needsProperties: Bool {
        sources.contains {
            switch $0 {
            case .property, .inferredLocation: true
            default: false
            }
        }
    }
}
