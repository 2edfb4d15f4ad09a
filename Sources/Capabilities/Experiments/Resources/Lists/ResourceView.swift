package import ControlStore
package import Identity
package import JSON
import Time

/// Turns stored resources into what answers hold.
package struct ResourceView {
    let description: ResourceDescription
    /// Those of all kinds, for resources that others name.
    let descriptions: ResourceDescription.Kinds
    package let project: Project
    package let include: Set<String>
    package let expand: Set<String>
    /// Goal id to how often it was reached in the last 48 hours.
    let conversions: [Int64: Int]
    /// Experience id to how many visitors it has had.
    package let traffic: [Int64: ExperienceTraffic]
    /// What to show of how far the pictures of variations are: experience to its variations, in order. Nil where nobody
    /// asks.
    package let screenshots: (any ScreenshotProgress)?
    /// How experiences stand. Nil where nobody asks.
    package let results: (any ExperienceResults)?
    /// By which goal; nil for each one's primary goal.
    package let goalID: Int64?

    package init(
        _ description: ResourceDescription, of descriptions: ResourceDescription.Kinds, project: Project,
        include: Set<String>, expand: Set<String>, conversions: [Int64: Int] = [:],
        traffic: [Int64: ExperienceTraffic] = [:],
        screenshots: (any ScreenshotProgress)? = nil, results: (any ExperienceResults)? = nil, goalID: Int64? = nil
    ) {
        self.description = description
        self.descriptions = descriptions
        self.project = project
        self.include = include
        self.expand = expand
        self.conversions = conversions
        self.traffic = traffic
        self.screenshots = screenshots
        self.results = results
        self.goalID = goalID
    }

    /// The resources of these ids, in their order; ids that name none of the project's are left out.
    /// - Throws: ``ExperimentsError`` when they are too large together.
    package func show(_ ids: [Int64], from database: Database) throws -> [JSONValue] {
        guard let shown = try showUnlessTooLarge(ids, from: database) else { throw PageTooLarge().refusal }
        return shown
    }

    /// The same; nil when they are too large together, which one alone never is.
    package func showUnlessTooLarge(_ ids: [Int64], from database: Database) throws -> [JSONValue]? {
        do {
            return try shown(ids, from: database)
        } catch is PageTooLarge {
            return nil
        }
    }

    private func shown(_ ids: [Int64], from database: Database) throws -> [JSONValue] {
        var weight = PageWeight(count: ids.count)
        let rows = try database.cursor(
            prepared: """
                SELECT * FROM \(SQL.byIDs("resources"))
                WHERE id IN \(SQL.list("?")) AND project_id = ? AND kind = ?
                """,
            arguments: [ListArgument(ids), project.id, description.kind.rawValue])
        var resources: [Resource] = []
        while let row = try rows.next() {
            try weight.add(row.read("document"))
            resources.append(try Resource(row: row))
        }
        let byID = Dictionary(resources.map { ($0.id, $0) }) { first, _ in first }
        let references =
            description.references.isEmpty ? [:] : try Resource.references(of: ids, from: database)
        let linked = try linkedResources(references, from: database)
        let statistics = try statistics(of: ids, from: database)
        let found = ids.compactMap { byID[$0] }
        let parts = try description.parts?.show(found, self, from: database) ?? [:]
        return found.map { resource in
            var shown = members(
                of: resource, references: references[resource.id] ?? [:], linked: linked,
                statistics: statistics[resource.id] ?? [:])
            for (member, value) in parts[resource.id] ?? JSONObject() { shown[member] = value }
            return .object(shown)
        }
    }

    private func members(
        of resource: Resource, references: [String: [Int64]], linked: [Int64: JSONValue], statistics: [String: Int64]
    ) -> JSONObject {
        var members = JSONObject([("id", .integer(resource.id)), (description.nameField, .string(resource.name))])
        if let key = resource.key { members["key"] = .string(key) }
        if let status = resource.status { members["status"] = .string(status) }
        let hidden = Set(
            description.optionalMembers.filter { member in
                if case .document = member.content { !include.contains(member.name) } else { false }
            }.map(\.name)
        ).union(description.hidden)
        for (field, value) in resource.document where !hidden.contains(field) { members[field] = value }
        for reference in description.references where isShown(reference) {
            let ids = references[reference.field] ?? []
            members[reference.field] =
                expand.contains(reference.field) ? .array(ids.compactMap { linked[$0] }) : JSONValue(ids)
        }
        for member in description.optionalMembers where include.contains(member.name) {
            guard case .statistics(let values) = member.content else { continue }
            var object = members["stats"]?.object ?? JSONObject()
            for (name, _) in values { object[name] = .integer(statistics[name] ?? 0) }
            members["stats"] = .object(object)
        }
        if description.showsOrigin || description.showsProject {
            members["project"] =
                expand.contains("project")
                ? [
                    "id": .integer(project.id), "name": .string(project.name),
                    "project_type": .string(project.type.rawValue),
                ]
                : .integer(project.id)
        }
        if description.showsOrigin {
            members["created_by"] = .string(resource.createdBy)
            members["created_at"] = .integer(resource.createdAt.seconds)
            members["updated_at"] = .integer(resource.updatedAt.seconds)
        }
        return members
    }

    private func isShown(_ reference: ResourceDescription.Reference) -> Bool {
        !reference.isOptional || include.contains(reference.field) || expand.contains(reference.field)
    }

    /// What expanded references show: the resources themselves, their own references as ids.
    private func linkedResources(
        _ references: [Int64: [String: [Int64]]], from database: Database
    ) throws -> [Int64: JSONValue] {
        var shown: [Int64: JSONValue] = [:]
        for reference in description.references where expand.contains(reference.field) {
            let ids = Set(references.values.flatMap { $0[reference.field] ?? [] }).sorted()
            guard !ids.isEmpty, let target = descriptions[reference.target] else { continue }
            let view = ResourceView(target, of: descriptions, project: project, include: [], expand: [])
            for value in try view.show(ids, from: database) {
                if let id = value["id"]?.int64 { shown[id] = value }
            }
        }
        return shown
    }

    private func statistics(of ids: [Int64], from database: Database) throws -> [Int64: [String: Int64]] {
        var columns: [(name: String, value: ResourceDescription.Expression)] = []
        for member in description.optionalMembers where include.contains(member.name) {
            if case .statistics(let values) = member.content { columns += values }
        }
        guard !columns.isEmpty else { return [:] }
        let terms = columns.map { "\($0.value.sql) AS \($0.name)" }.joined(separator: ", ")
        let rows = try database.rows(
            sql: "SELECT resources.id, \(terms) FROM resources WHERE id IN \(SQL.list(":ids"))",
            arguments: ["ids": ListArgument(ids), "conversions": ListQuery.object(conversions)])
        var found: [Int64: [String: Int64]] = [:]
        for row in rows {
            for (name, _) in columns {
                try found[row.read("id"), default: [:]][name] = row.read(name)
            }
        }
        return found
    }
}
