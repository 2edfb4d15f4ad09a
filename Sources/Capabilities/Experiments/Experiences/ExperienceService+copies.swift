import ControlStore
import Identity
public import JSON
import ProjectDocuments
public import Resources
import Text

/// Experiences out of others.
extension ExperienceService {
    /// A draft like the experience, with variations, changes and sections of its own.
    /// - Parameter name: nil for `Copy of NAME`.
    public func clone(
        _ id: Int64, name: String?, include: Set<String>, expand: Set<String>, _ scope: ResourceScope
    ) async throws -> JSONValue {
        let patterns = try await resources.patterns(of: .experience, id, scope)
        return try await resources.store.write { database in
            var body = try portable(id, scope, in: database)
            let original = body["name"]?.string ?? ""
            body["name"] = .string(name ?? "Copy of \(original)".codePoints(upTo: 100))
            let copy = try ExperienceCopy(resources: resources, scope: scope, patterns: patterns)
                .add(body, asDraft: true, in: database)
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
        let patterns = try await resources.patterns(of: .experience, id, scope)
        return try await change(id, scope) { original, database in
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
            var body = try portable(id, scope, in: database)
            let originalName = body["name"]?.string ?? ""
            let variationName = variation["name"]?.string ?? ""
            body["type"] = .string(typeName)
            body["name"] = .string("\(originalName): \(variationName)".codePoints(upTo: 100))
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
                // What measured nothing gets what new experiences get.
                if !original.type.hasGoals { body["goals"] = nil }
                body["variations"] = [["name": "Original", "is_baseline": true], own]
            }
            let copy = try ExperienceCopy(resources: resources, scope: scope, patterns: patterns)
                .add(body, asDraft: true, in: database)
            return try resources.showWhole(copy, .experiences, scope, in: database)
        }
    }

    /// What copies are made of; they get keys of their own.
    private func portable(_ id: Int64, _ scope: ResourceScope, in database: Database) throws -> JSONObject {
        let shown = try resources.showWhole(id, .experiences, scope, expand: ["variations"], in: database)
        var body = try ExperienceCopy.portable(shown, from: database).object ?? JSONObject()
        body["key"] = nil
        return body
    }
}
