import ControlStore
import Foundation
import Identity
import JSON
import ProjectDocuments
import Resources
import Text

/// Variations of all types but multivariate ones, whose variations follow from their sections.
extension Experience {
    /// More than any test has visitors for.
    static let maximumVariations = 100

    /// Stores the list: what has an id is changed, what has none is added, what is missing is deleted. Without a list
    /// everything stays; a new experience gets what its type needs at least.
    func storeVariations(_ list: [JSONValue]?, in database: Database) throws {
        guard let list = list ?? (isNew ? standardVariations : nil) else {
            try dropChangesOfMissingPages(in: database)
            return
        }
        guard list.count <= Self.maximumVariations else {
            throw ExperimentsError.invalid(
                "variations", "variations may hold at most \(Self.maximumVariations).")
        }
        let existing = try Variation.fetch(of: id, from: database)
        let kept = try Self.named(in: list, "variations")
        let removed = existing.filter { !kept.contains($0.id) }
        let hasNew = list.contains { $0.int64 == nil && $0["id"]?.int64 == nil }
        if isStarted, !isNew, hasNew || !removed.isEmpty {
            throw ExperimentsError.invalid(
                "variations", "variations cannot be added or removed once the experience was started; clone it instead."
            )
        }
        for variation in removed { try delete(variation, in: database) }
        for (index, element) in list.enumerated() {
            let place = "variations[\(index)]"
            if let variationID = element.int64 ?? element["id"]?.int64 {
                guard let variation = existing.first(where: { $0.id == variationID }) else {
                    throw ExperimentsError.invalid(
                        "\(place).id", "\(place).id: there is no variation \(variationID) in this experience.")
                }
                try update(variation, element.object ?? JSONObject(), position: index, place, in: database)
            } else {
                try insert(element.object ?? JSONObject(), position: index, place, in: database)
            }
        }
        try dropChangesOfMissingPages(in: database)
    }

    /// The ids that a list names, each once.
    static func named(in list: [JSONValue], _ place: String) throws -> Set<Int64> {
        var ids: Set<Int64> = []
        for (index, element) in list.enumerated() {
            guard let id = element.int64 ?? element["id"]?.int64, !ids.insert(id).inserted else { continue }
            throw ExperimentsError.invalid(
                "\(place)[\(index)].id", "\(place)[\(index)].id: \(id) is in the list twice.")
        }
        return ids
    }

    /// What an experience of the type has at least.
    private var standardVariations: [JSONValue] {
        type.hasBaseline
            ? [["name": "Original", "is_baseline": true], ["name": "Variation 1"]] : [["name": "Variation 1"]]
    }

    @discardableResult
    func insert(_ body: JSONObject, position: Int, _ place: String, in database: Database) throws -> Int64 {
        let name = body["name"]?.string ?? ""
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw ExperimentsError.invalid("\(place).name", "\(place).name must not be empty.")
        }
        let key = try VariationKey.make(
            body["key"]?.string, name: name, place, projectID: scope.project.id, in: database)
        var document = VariationDocument(Self.document(of: body))
        document.complete()
        let variationID = try database.insert(
            prepared: """
                INSERT INTO variations (project_id, experience_id, position, key, name, document)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                scope.project.id, id, position, key, name, try StoredDocument.text(document.members),
            ])
        if let changes = body["changes"]?.array {
            try storeChanges(changes, of: .variation(variationID), "\(place).changes", in: database)
        }
        return variationID
    }

    func update(
        _ variation: Variation, _ body: JSONObject, position: Int, _ place: String, in database: Database
    ) throws {
        let own = try VariationChange.fetch(.variation(variation.id), of: id, from: database)
        try ConcurrencyKey.check(
            body["concurrency_key"], against: variation.concurrencyKey(own), "variation \(variation.id)")
        if let share = body["traffic_distribution"], share.double != variation.traffic, status == .active,
            try sharesFollowResults(in: database)
        {
            let field = Self.member("traffic_distribution", of: place)
            throw ExperimentsError.invalid(
                field,
                "\(field): results share new visitors out. Set settings.stats_engine_processing.mab_settings of the experience to null to do it yourself."
            )
        }
        var changed = variation
        if let name = body["name"]?.string {
            guard name.contains(where: { !$0.isWhitespace }) else {
                let field = Self.member("name", of: place)
                throw ExperimentsError.invalid(field, "\(field) must not be empty.")
            }
            changed.name = name
        }
        for (member, value) in Self.document(of: body) { changed.document.members[member] = value }
        try changed.save(position: position, in: database)
        if let key = body["key"]?.string, !key.hasSameBytes(as: variation.key) {
            guard !key.isEmpty else {
                let field = Self.member("key", of: place)
                throw ExperimentsError.invalid(field, "\(field) must not be empty.")
            }
            let key = try VariationKey.make(key, name: changed.name, place, projectID: scope.project.id, in: database)
            try database.execute(
                prepared: "UPDATE variations SET key = ? WHERE id = ?", arguments: [key, variation.id])
        }
        if let changes = body["changes"]?.array {
            guard type != .multivariate else {
                let field = Self.member("changes", of: place)
                throw ExperimentsError.invalid(
                    field, "\(field): a combination changes through the versions of its sections.")
            }
            try storeChanges(changes, of: .variation(variation.id), Self.member("changes", of: place), in: database)
        }
    }

    /// By its own settings, or else by its project's.
    private func sharesFollowResults(in database: Database) throws -> Bool {
        if let own = document.settings.mabSettings { return own != .off }
        return try (ProjectReportingSettings.fetch(of: scope.project.id, from: database).mabSettings ?? .off) != .off
    }

    func delete(_ variation: Variation, in database: Database) throws {
        try database.execute(prepared: "DELETE FROM variations WHERE id = ?", arguments: [variation.id])
    }

    private static func document(of body: JSONObject) -> JSONObject {
        let members = ["description", "is_baseline", "traffic_distribution", "status"]
        return JSONObject(members.compactMap { member in body[member].map { (member, $0) } })
    }

    /// What the change history keeps of an experience's variations.
    static func historical(_ id: Int64, _ type: ExperienceType, from database: Database) throws -> [Int64: JSONObject] {
        // What combinations do is told of the versions in them.
        let changes =
            type == .multivariate
            ? nil : Dictionary(grouping: try VariationChange.fetch(of: [id], from: database), by: \.owner)
        var historical: [Int64: JSONObject] = [:]
        for variation in try Variation.fetch(of: id, from: database) {
            var whole = variation.shown
            whole["id"] = nil
            if let changes { whole["changes"] = JSONValue((changes[.variation(variation.id)] ?? []).map(\.id)) }
            historical[variation.id] = whole
        }
        return historical
    }
}

/// Keys of variations: unique in the project, whatever their experience.
enum VariationKey {
    static func isTaken(_ key: String, _ projectID: Int64, in database: Database) throws -> Bool {
        try database.value(
            Bool.self, prepared: "SELECT EXISTS (SELECT 1 FROM variations WHERE project_id = ? AND key = ?)",
            arguments: [projectID, key]) ?? false
    }

    static func make(
        _ given: String?, name: String, _ place: String, projectID: Int64, in database: Database
    ) throws -> String {
        func isTaken(_ key: String) throws -> Bool { try Self.isTaken(key, projectID, in: database) }
        guard let given, !given.isEmpty else {
            return try ResourceKey.free(ResourceKey.base(from: name, fallback: "variation"), isTaken: isTaken)
        }
        if try isTaken(given) {
            throw ExperimentsError.conflict(
                "\(Experience.member("key", of: place)): another variation of the project has the key \(given).")
        }
        return given
    }
}
