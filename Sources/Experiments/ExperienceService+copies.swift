import ControlStore
import GRDB
import Identity
public import JSON

/// Experiences out of others.
extension ExperienceService {
    /// A draft like the experience, with variations, changes and sections of its own.
    /// - Parameter name: nil for `Copy of NAME`.
    public func clone(
        _ id: Int64, name: String?, include: Set<String>, expand: Set<String>, _ scope: ResourceScope
    ) async throws -> JSONValue {
        try await change(id, scope) { original, database in
            let resource = try resources.find(.experience, .id(id), scope, in: database)
            let copyName = name ?? "Copy of \(resource.name)".codePoints(upTo: 100)
            var body = try Self.copied(resource, in: database)
            body["name"] = .string(copyName)
            let variations = try Variation.fetch(of: id, from: database)
            let changes = try VariationChange.fetch(of: [id], from: database)
            if original.type != .multivariate {
                body["variations"] = .array(variations.map { Self.copied($0, changes) })
            }
            let copy = try resources.insert(.experiences, body, scope, in: database)
            if original.type == .multivariate {
                var experience = try Experience(copy, scope, resources, from: database)
                let bodies = original.sections.list.flatMap { section in
                    section.versions.map { version in
                        let owner = VariationChange.Owner.version(section: section.id, version: version.id)
                        let own = changes.filter { $0.owner == owner }
                        return (section.id, version.id, ["changes": Self.copied(own)] as JSONValue, "")
                    }
                }
                try experience.store(original.sections, bodies, in: database)
            }
            return try resources.show(
                copy, .experiences, scope,
                include: include.isEmpty ? ResourceDescription.experiences.includable : include, expand: expand,
                in: database)
        }
    }

    /// A new draft that shows what a variation shows: to everybody (`deploy`), or beside the original (`a/b`).
    public func convert(
        _ variationID: Int64, of id: Int64, to typeName: String, _ scope: ResourceScope
    ) async throws -> JSONValue {
        try await change(id, scope) { original, database in
            let resource = try resources.find(.experience, .id(id), scope, in: database)
            let shown = try VariationsView.whole.show([id], from: database)[id] ?? []
            guard let variation = shown.first(where: { $0["id"]?.int64 == variationID }) else {
                throw Self.noVariation(variationID)
            }
            guard let type = ExperienceType(rawValue: typeName), type == .ab || type == .deploy else {
                throw ExperimentsError.invalid("experience_type", "experience_type must be a/b or deploy.")
            }
            guard original.type.projectType == .web, original.type != .splitURL, original.type != .multipage else {
                throw ExperimentsError.conflict(
                    "A variation of type \(original.type.rawValue) cannot become an experience of type \(typeName).")
            }
            var body = try Self.copied(resource, in: database)
            let variationName = variation["name"]?.string ?? ""
            body["type"] = .string(typeName)
            body["name"] = .string("\(resource.name): \(variationName)".codePoints(upTo: 100))
            var own: JSONValue = [
                "name": .string(variationName),
                "changes": .array(
                    (variation["changes"]?.array ?? []).map {
                        ["type": $0["type"] ?? .null, "data": $0["data"] ?? [:]]
                    }),
            ]
            own["description"] = variation["description"]
            if type == .deploy {
                body["variations"] = [own]
                body["goals"] = []
                body["primary_goal"] = nil
            } else {
                body["variations"] = [["name": "Original", "is_baseline": true], own]
            }
            let copy = try resources.insert(.experiences, body, scope, in: database)
            return try resources.showWhole(copy, .experiences, scope, in: database)
        }
    }

    /// What a copy begins with: no key, no life so far.
    private static func copied(_ resource: Resource, in database: Database) throws -> JSONObject {
        var body = resource.document
        for member in ["start_time", "end_time", "started", "sections", "version"] { body[member] = nil }
        let references = try Resource.references(of: [resource.id], from: database)[resource.id] ?? [:]
        for reference in ResourceDescription.experiences.references {
            body[reference.field] = JSONValue(references[reference.field] ?? [])
        }
        return body
    }

    private static func copied(_ variation: Variation, _ changes: [VariationChange]) -> JSONValue {
        var body = variation.document
        body["name"] = .string(variation.name)
        body["changes"] = copied(changes.filter { $0.variationID == variation.id })
        return .object(body)
    }

    private static func copied(_ changes: [VariationChange]) -> JSONValue {
        .array(changes.map { ["type": .string($0.type), "data": $0.data] })
    }
}
