import JSON

extension ResourceDescription.Expression {
    /// The expression over a row of `resources`. What documents hold is addressed by names of our own only.
    var sql: String {
        switch self {
        case .id: "resources.id"
        case .name: "resources.name COLLATE NOCASE"
        case .key: "resources.key"
        case .status: "resources.status"
        case .createdBy: "resources.created_by COLLATE NOCASE"
        case .createdAt: "resources.created_at"
        case .updatedAt: "resources.updated_at"
        case .text(let field): "json_extract(resources.document, '$.\(field)')"
        case .number(let field): "CAST(json_extract(resources.document, '$.\(field)') AS REAL)"
        case .usage: Self.experiences(where: "e.status IS NOT 'archived'")
        case .activeUsage: Self.experiences(where: "e.status = 'active'")
        case .project: "resources.project_id"
        case .unknown: "NULL"
        case .conversions:
            "ifnull((SELECT value FROM json_each(:conversions) WHERE key = CAST(resources.id AS TEXT)), 0)"
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
