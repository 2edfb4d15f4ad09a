import ControlStore
import Identity
import JSON
import ProjectDocuments
import Resources
import Text

/// Makes experiences like others: within a project, or out of a file from another one.
struct ExperienceCopy {
    /// What ids of other resources have become, by kind; nil within a project, where they stay.
    var newIDs: [ResourceKind: [Int64: Int64]]?
    let resources: ResourceService
    let scope: ResourceScope
    /// What is known of the patterns of its rules.
    let patterns: JudgedPatterns

    /// What `add` takes: a shown experience with its sections and all changes, without what is only computed.
    static func portable(_ experience: JSONValue, from database: Database) throws -> JSONValue {
        var experience = experience
        for member in [
            "alerts", "collaborators", "min_running_timestamp", "max_running_timestamp", "concurrency_key",
            "screenshots_info",
        ] {
            experience[member] = nil
        }
        let id = experience["id"]?.int64 ?? 0
        let stored = ExperienceDocument(try Resource.document(of: id, from: database) ?? JSONObject())
        experience["started"] = stored.members["started"]
        let changes = try VariationChange.fetch(of: [id], from: database)
        if stored.hasSections {
            let sections = stored.sections.map { section in
                var section = section
                section.versions = section.versions.map { version in
                    let owner = VariationChange.Owner.version(
                        section: ClientText(section.id ?? ""), version: ClientText(version.id ?? ""))
                    var version = version
                    version.changes = changes.filter { $0.owner == owner }.map(\.document)
                    return version
                }
                return section
            }
            experience["sections"] = .array(sections.map(\.json))
        }
        let variations = ExperienceDocument(experience).variations.map { variation in
            var variation = variation
            let owner = VariationChange.Owner.variation(variation.id ?? 0)
            for member in ["id", "concurrency_key"] { variation.members[member] = nil }
            variation.changes = changes.filter { $0.owner == owner }.map(\.document)
            return variation
        }
        experience["variations"] = .array(variations.map(\.json))
        return experience
    }

    /// Adds an experience like the one described.
    /// - Parameter isDraft: whether its life begins anew; otherwise status and times are those of the other.
    /// - Throws: ``ExperimentsError`` when it names what the file does not hold.
    func add(_ file: JSONObject, asDraft isDraft: Bool, in database: Database) throws -> Int64 {
        var body = file
        for (field, kind) in [
            ("goals", ResourceKind.goal), ("audiences", .audience), ("locations", .location),
        ] {
            body[field] = .array(
                try (file[field]?.array ?? []).enumerated().map { index, id in
                    .integer(try new(id, kind, "\(field)[\(index)]"))
                })
        }
        if let primary = file["primary_goal"], primary != .null {
            body["primary_goal"] = .integer(try new(primary, .goal, "primary_goal"))
        }
        let isMultivariate = ExperienceDocument(file).type == .multivariate
        for member in ["status", "start_time", "end_time", "started", "sections", "project"] { body[member] = nil }
        // Variations' keys are unique in a project: taken ones are made anew.
        body["variations"] =
            isMultivariate ? Optional.none : try mapped(file["variations"] ?? [], "variations", in: database)
        if let key = body["key"]?.string,
            try ResourceKey.isTaken(key, .experience, projectID: scope.project.id, except: nil, in: database)
        {
            body["key"] = nil
        }
        if let environment = ExperienceDocument(body).environment, try !hasEnvironment(environment, in: database) {
            body["environment"] = nil
        }
        let id = try resources.insert(
            .experiences, body, scope, patterns, deferring: .archived, in: database)
        if isMultivariate { try addSections(file, to: id, in: database) }
        if !isDraft { try restoreLife(file, of: id, in: database) }
        return id
    }

    private func hasEnvironment(_ name: String, in database: Database) throws -> Bool {
        try ProjectEnvironment.fetchAll(projectID: scope.project.id, from: database)
            .contains { $0.name.hasSameBytes(as: name) }
    }

    private func addSections(_ file: JSONObject, to id: Int64, in database: Database) throws {
        var experience = try Experience(id, scope, resources, from: database)
        experience.isNew = true
        let file = ExperienceDocument(file)
        let bodies = try file.sections.enumerated().flatMap { index, section in
            try section.versions.enumerated().map { position, version in
                let place = "sections[\(index)].versions[\(position)]"
                let changes = try version.changes.map { try mapped($0, place).json }
                return (section.id ?? "", version.id ?? "", ["changes": .array(changes)], place)
                    as (section: String, version: String, body: JSONValue, place: String)
            }
        }
        try experience.store(Sections(file), bodies, in: database)
        // The combinations are in the order of the file; what was said of them is said again.
        let made = try Variation.fetch(of: id, from: database)
        let said = zip(made, file.members["variations"]?.array ?? []).map { variation, said -> JSONValue in
            var body = said
            for member in ["changes", "key", "is_baseline"] { body[member] = nil }
            body["id"] = .integer(variation.id)
            return body
        }
        try experience.updateCombinations(said, in: database)
        try experience.finishVariations(in: database)
        try experience.saveDocument(in: database)
    }

    private func restoreLife(_ file: JSONObject, of id: Int64, in database: Database) throws {
        let file = ExperienceDocument(file)
        let status = file.status ?? .draft
        var document = try resources.find(.experience, .id(id), scope, in: database).experience
        document.takeLife(of: file)
        try ExperienceStatus.checkTimes(&document)
        try Resource.store(document.members, status: status.rawValue, of: id, in: database)
        // What runs must be able to: a file may say anything.
        var experience = try Experience(id, scope, resources, from: database)
        try experience.finishVariations(in: database)
    }

    private func mapped(_ variations: JSONValue, _ place: String, in database: Database) throws -> JSONValue {
        .array(
            try (variations.array ?? []).enumerated().map { index, variation in
                var variation = variation
                let changes = try VariationDocument(variation).changes.map { try mapped($0, "\(place)[\(index)]").json }
                variation["changes"] = .array(changes)
                variation["id"] = nil
                if let key = variation["key"]?.string, try VariationKey.isTaken(key, scope.project.id, in: database) {
                    variation["key"] = nil
                }
                return variation
            })
    }

    private func mapped(_ change: ChangeDocument, _ place: String) throws -> ChangeDocument {
        var change = change
        change.members["id"] = nil
        if let feature = change.data?.members["feature_id"] {
            change.data?.featureID = try new(feature, .feature, "\(place).changes")
        }
        return change
    }

    private func new(_ old: JSONValue, _ kind: ResourceKind, _ field: String) throws -> Int64 {
        guard let newIDs else { return old.int64 ?? 0 }
        guard let old = old.int64, let new = newIDs[kind]?[old] else {
            throw ExperimentsError.invalid(
                field, "\(field): the file holds no \(kind.noun) \(old.encodedString). Export it too.")
        }
        return new
    }
}
