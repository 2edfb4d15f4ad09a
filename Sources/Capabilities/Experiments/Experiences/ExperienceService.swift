import ControlStore
import Identity
public import JSON
import ProjectDocuments
public import Resources

/// What experiences can do besides what every resource can: parts of them are changed one by one, and they change into
/// others.
public struct ExperienceService: Sendable {
    let resources: ResourceService

    public init(resources: ResourceService) {
        self.resources = resources
    }

    /// Runs a change of a part of an experience.
    func change<Result: Sendable>(
        _ id: Int64, _ scope: ResourceScope,
        _ body: @escaping @Sendable (inout Experience, Database) throws -> Result
    ) async throws -> Result {
        try await resources.store.write { database in
            let status = try resources.find(.experience, .id(id), scope, in: database).status
            if ResourceService.isRunning(status) { try scope.require(.editRunningExperience) }
            var experience = try Experience(id, scope, resources, from: database)
            return try body(&experience, database)
        }
    }

    // MARK: variations

    /// - Returns: the variation with the ids of its changes.
    public func updateVariation(
        _ variationID: Int64, of id: Int64, _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> JSONValue {
        try await change(id, scope) { experience, database in
            let variations = try Variation.fetch(of: id, from: database)
            guard let position = variations.firstIndex(where: { $0.id == variationID }) else {
                throw Self.noVariation(variationID)
            }
            var body = body
            // The first versions together are what is compared with.
            if experience.type == .multivariate { body["is_baseline"] = nil }
            if body["is_baseline"]?.bool == true, experience.type.hasBaseline {
                // There is one: the others step back.
                for (position, other) in variations.enumerated() where other.id != variationID && other.isBaseline {
                    try experience.update(
                        other, JSONObject([("is_baseline", false)]), position: position, "", in: database)
                }
            }
            try experience.update(variations[position], body, position: position, "", in: database)
            try experience.dropChangesOfMissingPages(in: database)
            try experience.finishVariations(in: database)
            try experience.saveDocument(in: database)
            try experience.touch(in: database)
            let shown = try VariationsView.whole.show([id], from: database)[id] ?? []
            return shown.first { $0["id"]?.int64 == variationID } ?? .null
        }
    }

    public func deleteVariation(_ variationID: Int64, of id: Int64, _ scope: ResourceScope) async throws {
        try await change(id, scope) { experience, database in
            guard let variation = try Variation.fetch(of: id, from: database).first(where: { $0.id == variationID })
            else { throw Self.noVariation(variationID) }
            guard experience.type != .multivariate else {
                throw ExperimentsError.conflict(
                    "Variations of type mvt follow from sections; delete a version instead.")
            }
            guard !experience.isStarted else {
                throw ExperimentsError.conflict(
                    "The experience was started: its variations stay comparable. Stop the variation or clone the experience."
                )
            }
            guard !(variation.isBaseline && experience.type.hasBaseline) else {
                throw ExperimentsError.conflict(
                    "The baseline cannot be deleted. Make another variation the baseline first.")
            }
            try experience.delete(variation, in: database)
            // What it had goes to the others.
            for (position, var other) in try Variation.fetch(of: id, from: database).enumerated() {
                other.document.trafficDistribution = nil
                try other.save(position: position, in: database)
            }
            try experience.finishVariations(in: database)
            try experience.touch(in: database)
        }
    }

    static func noVariation(_ id: Int64) -> ExperimentsError {
        .notFound("There is no variation \(id) in this experience.")
    }

    // MARK: changes

    public func change(_ changeID: Int64, of id: Int64, _ scope: ResourceScope) async throws -> JSONValue {
        try await resources.store.read { database in
            _ = try resources.find(.experience, .id(id), scope, in: database)
            return try Self.find(changeID, of: id, in: database).shown
        }
    }

    public func updateChange(
        _ changeID: Int64, of id: Int64, _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> JSONValue {
        try await change(id, scope) { experience, database in
            try experience.update(try Self.find(changeID, of: id, in: database), .object(body), "", in: database)
            try experience.dropChangesOfMissingPages(in: database)
            try experience.finishVariations(in: database)
            try experience.saveDocument(in: database)
            try experience.touch(in: database)
            return try Self.find(changeID, of: id, in: database).shown
        }
    }

    private static func find(_ changeID: Int64, of id: Int64, in database: Database) throws -> VariationChange {
        guard let change = try VariationChange.fetch(of: [id], from: database).first(where: { $0.id == changeID })
        else {
            throw ExperimentsError.notFound("There is no change \(changeID) in this experience.")
        }
        return change
    }
}
