import ControlStore
import JSON

extension ResourceDescription.Expression {
    /// The expression over a row of `resources`. What documents hold is addressed by names of our own only.
    var sql: String {
        switch self {
        case .id: "resources.id"
        case .name: SQL.ignoringCase("resources.name")
        case .key: "resources.key"
        case .status: "resources.status"
        case .createdBy: SQL.ignoringCase("resources.created_by")
        case .createdAt: "resources.created_at"
        case .updatedAt: "resources.updated_at"
        case .text(let field): SQL.member(field, of: "resources.document")
        case .number(let field): "CAST(\(SQL.member(field, of: "resources.document")) AS REAL)"
        case .usage: Self.experiences(where: "e.status IS NOT 'archived'")
        case .activeUsage: Self.experiences(where: "e.status = 'active'")
        case .project: "resources.project_id"
        case .result: SQL.value(named: "resources.id", in: ":results")
        case .conversions:
            "ifnull(\(SQL.value(named: "resources.id", in: ":conversions")), 0)"
        }
    }

    /// How many experiences use the resource.
    static func experiences(where condition: String) -> String {
        """
        (SELECT count(*) FROM resource_references r JOIN resources e ON e.id = r.resource_id
        WHERE r.target_id = resources.id AND e.kind = 'experience' AND \(condition))
        """
    }

    var needsConversions: Bool {
        if case .conversions = self { true } else { false }
    }
}

extension ResourceDescription {
    /// Whether the request's filters, order or optional members ask how often goals were reached.
    func needsConversions(_ request: ListRequest) -> Bool {
        let sort = sorts[request.sortBy ?? defaultSort]
        return sort?.needsConversions ?? false || request.members["tracking"]?.string != nil
            || needsConversions(include: request.include)
    }

    func needsConversions(include: Set<String>) -> Bool {
        optionalMembers.contains { member in
            guard case .statistics(let values) = member.content else { return false }
            return include.contains(member.name) && values.contains { $0.value.needsConversions }
        }
    }
}
