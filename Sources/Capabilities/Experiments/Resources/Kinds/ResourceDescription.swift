package import JSON

/// What one kind of resource is like. The engine (``ResourceService``) serves every kind from its description.
public struct ResourceDescription: Sendable {
    /// The description of each kind that an engine serves.
    public typealias Kinds = [ResourceKind: ResourceDescription]

    public let kind: ResourceKind
    /// The member that names a resource.
    package var nameField = "name"
    /// Whether no two resources of a project may have the same name.
    package var hasUniqueNames = false
    /// Whether resources have keys: unique in the project, made from the name when not given.
    package var hasKey = false
    /// The status of a new resource; nil for kinds without.
    package var initialStatus: String? = "active"
    /// What a new resource has where its creator says nothing.
    package var defaults: [(field: String, value: JSONValue)] = []
    /// Members that clients may set, besides name, key, status and references. All others change nothing.
    package var members: Set<String> = []
    /// Members of the document that answers do not show.
    package var hidden: Set<String> = []
    /// Whether answers say in which project a resource is.
    package var showsProject = false
    /// Whether answers say when and by whom a resource was made, and in which project.
    package var showsOrigin = false
    /// What searches look through.
    package var searched: [SearchTerm] = [.name, .document("description")]
    /// What lists can be sorted by, under the contract's names.
    package var sorts: [String: Expression] = ["id": .id]
    /// Nil means by the order of creation.
    package var defaultSort = "id"
    package var filters: [Filter] = []
    /// How many ids `only` and `except` may hold when statistics are included; nil for as many as ever.
    package var maximumIDsWithStatistics: Int?
    /// Members that are left out unless a request's `include` names them.
    package var optionalMembers: [OptionalMember] = []
    /// Members that name other resources.
    package var references: [Reference] = []
    /// What must hold beyond the contract's schema.
    package var rules: [Rule] = []
    /// What is kept elsewhere than in document and references.
    package var parts: (any ResourceParts)?
    /// What of the parts is left out unless a request's `include` names it.
    package var partNames: [String] = []

    package init(_ kind: ResourceKind) {
        self.kind = kind
    }

    /// The names that `include` may hold.
    public var includable: Set<String> {
        Set(optionalMembers.map(\.name) + references.filter(\.isOptional).map(\.field) + partNames)
    }
}

extension ResourceDescription {
    /// Something of a resource that searches look through.
    package enum SearchTerm: Sendable {
        case id
        case name
        case key
        case document(String)
    }

    /// Something of a resource that lists sort by or compare with.
    package enum Expression: Sendable {
        case id
        case name
        case key
        case status
        case createdBy
        case createdAt
        case updatedAt
        case text(String)
        case number(String)
        /// How many experiences use it that are not archived.
        case usage
        /// How many running experiences use it.
        case activeUsage
        /// How often a goal was reached in the last 48 hours.
        case conversions
        case project
        /// How an experience stands.
        case result(ExperienceResultSort)
    }

    /// How a member of a list request narrows the list.
    package enum Filter: Sendable {
        /// Any of the values, or the one value, that the request names.
        case oneOf(String, Expression)
        /// A boolean; what the document does not say counts as false.
        case flag(String, document: String)
        /// `used` or `not_used`, by experiences of any status.
        case usage
        /// `tracked` or `not_tracked`: whether a goal was reached in the last 48 hours.
        case tracking
        /// Used by any of the experiences.
        case experiences
        /// Names any of the resources in this reference.
        case references(String)
        /// Named by any of the resources, in this reference of theirs.
        case namedBy(String, field: String)
        /// Numbers within bounds that the request names.
        case range(minimum: String, maximum: String, document: String)
    }

    /// A member that answers hold only when asked for.
    package struct OptionalMember: Sendable {
        /// As `include` names it, such as `stats.experiences_usage`.
        let name: String
        let content: Content

        enum Content: Sendable {
            /// What the document holds under the same name.
            case document
            case statistics([(name: String, value: Expression)])
        }
    }

    /// A member that names resources of another kind.
    package struct Reference: Sendable {
        let field: String
        let target: ResourceKind
        /// Whether an object in place of an id makes a new resource.
        let creates: Bool
        /// Whether answers leave it out unless `include` or `expand` names it.
        let isOptional: Bool

        package init(field: String, target: ResourceKind, creates: Bool = false, isOptional: Bool = false) {
            self.field = field
            self.target = target
            self.creates = creates
            self.isOptional = isOptional
        }
    }

    /// - Throws: ``ExperimentsError`` that names the member.
    package typealias Rule = @Sendable (inout ResourceDraft) throws -> Void
}
