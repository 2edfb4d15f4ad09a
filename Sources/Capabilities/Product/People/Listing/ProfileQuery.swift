/// What a list is to show, and in which order.
public struct ProfileQuery: Sendable {
    /// One thing to sort by.
    public struct SortKey: Sendable {
        public let attribute: ProfileAttribute
        public let isDescending: Bool

        public init(_ attribute: ProfileAttribute, isDescending: Bool = false) {
            self.attribute = attribute
            self.isDescending = isDescending
        }
    }

    public let kind: ProfileKind
    /// Who satisfies all terms of any of these; empty for everybody.
    public let alternatives: [[ProfileTerm]]
    /// The first counts most. Whom they leave equal come in the order of their rows.
    public let sort: [SortKey]
    /// Profiles of a page, from 1.
    public let pageSize: Int

    /// Terms of all alternatives together.
    public static let maximumTerms = 100
    /// Attributes to sort by.
    public static let maximumSortKeys = 8
    /// Attributes that are filtered or sorted by.
    static let maximumAttributes = 32
    /// Profiles of a page.
    public static let maximumPageSize = 10_000

    /// - Throws: when it asks for too much.
    public init(
        _ kind: ProfileKind, where alternatives: [[ProfileTerm]] = [], sort: [SortKey] = [], pageSize: Int
    ) throws(ProfileListError) {
        guard (1...Self.maximumPageSize).contains(pageSize) else { throw .pageSize }
        guard alternatives.reduce(0, { $0 + $1.count }) <= Self.maximumTerms, alternatives.count <= Self.maximumTerms
        else { throw .tooManyTerms }
        guard sort.count <= Self.maximumSortKeys else { throw .tooManySortKeys }
        self.kind = kind
        self.alternatives = alternatives.contains(where: \.isEmpty) ? [] : alternatives
        self.sort = sort
        self.pageSize = pageSize
        guard attributes.count <= Self.maximumAttributes else { throw .tooManyAttributes }
    }

    var attributes: Set<ProfileAttribute> {
        Set(alternatives.joined().map(\.attribute) + sort.map(\.attribute))
    }

    /// Whether it is of everybody in no order of their own.
    var isPlain: Bool { alternatives.isEmpty && sort.isEmpty }
}

/// Why a list cannot be shown.
public enum ProfileListError: Error, Equatable, CustomStringConvertible {
    case pageSize
    case tooManyTerms
    case tooManySortKeys
    case tooManyAttributes
    /// What it would take to filter or sort so many profiles does not fit in memory.
    case tooLarge
    /// The token is none of this server's for this key, environment and kind.
    case foreignToken
    /// The scroll that the token belongs to is no longer kept.
    case expired
    /// The profiles of one page are larger than one answer may be.
    case pageTooLarge
    /// So many lists are being sorted already: passes within seconds.
    case busy

    public var description: String {
        switch self {
        case .pageSize: "a page has 1 to \(ProfileQuery.maximumPageSize) entries"
        case .tooManyTerms: "a filter has at most \(ProfileQuery.maximumTerms) conditions"
        case .tooManySortKeys: "at most \(ProfileQuery.maximumSortKeys) fields can be sorted by"
        case .tooManyAttributes: "at most \(ProfileQuery.maximumAttributes) fields can be filtered and sorted by"
        case .tooLarge:
            "filtering and sorting so many by these fields takes more memory than there is; use fewer fields, or none"
        case .foreignToken: "the scroll id is none that this list has given to this key; start again without it"
        case .expired:
            "the list was started too long ago, or others were since; start again without the scroll id"
        case .pageTooLarge:
            """
            the profiles of this page hold more than \(ProfilePageSize.maximumBytes / 1_048_576) MB or \
            \(ProfilePageSize.maximumValues) values; ask for smaller pages
            """
        case .busy: "too many lists are being sorted; try again in a few seconds"
        }
    }
}
