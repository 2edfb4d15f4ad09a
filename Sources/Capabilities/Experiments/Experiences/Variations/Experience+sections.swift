import ControlStore
import JSON
import ProjectDocuments
import Resources
import Text

/// Sections of multivariate tests, and the variations that follow from them.
extension Experience {
    var sections: Sections { Sections(document) }

    func requireMultivariate() throws {
        guard type == .multivariate else {
            throw ExperimentsError.conflict(
                "Sections are for experiences of type mvt; this one is of type \(type.rawValue).")
        }
    }

    /// Stores new sections with what their versions do, and makes the variations follow.
    /// - Parameters:
    ///   - bodies: by section and version, what requests say of them; others keep their changes.
    mutating func store(
        _ sections: Sections, _ bodies: [(section: String, version: String, body: JSONValue, place: String)],
        in database: Database
    ) throws {
        guard let count = sections.combinationCount, count <= Sections.maximumCombinations else {
            throw ExperimentsError.invalid(
                "sections", "sections: their versions make more than \(Sections.maximumCombinations) combinations.")
        }
        for section in sections.list where section.versions.isEmpty {
            throw ExperimentsError.invalid(
                "versions", "versions: the section \(section.id) needs at least one version.")
        }
        let before = self.sections
        if isStarted, !isNew, let baseline = before.combinations.first,
            sections.successor(of: baseline) != sections.combinations.first
        {
            throw ExperimentsError.conflict(
                "The experience was started: what is compared with, the first versions, stays the first. Clone it.")
        }
        if before.list != sections.list, !isNew {
            try record(
                "update", ResourceKind.experience.rawValue, id: id,
                old: JSONObject([("sections", before.document)]),
                new: JSONObject([("sections", sections.document)]), in: database)
        }
        document.sections = sections.documents
        let owners = Set(
            sections.list.flatMap { section in
                section.versions.map {
                    VariationChange.Owner.version(
                        section: ClientText(section.id), version: ClientText($0.id))
                }
            })
        for change in try VariationChange.fetch(of: [id], from: database) where !owners.contains(change.owner) {
            try delete(change, in: database)
        }
        for (section, version, body, place) in bodies {
            guard let changes = body["changes"]?.array else { continue }
            try storeChanges(
                changes, of: .version(section: ClientText(section), version: ClientText(version)),
                place.isEmpty ? "changes" : "\(place).changes", in: database)
        }
        try regenerateVariations(from: before, in: database)
        try finishVariations(in: database)
        try saveDocument(in: database)
        try touch(in: database)
    }

    /// Makes the variations the product of the versions. Combinations that survive keep their ids.
    /// - Parameter before: the sections that the variations there are follow from.
    func regenerateVariations(from before: Sections? = nil, in database: Database) throws {
        let sections = sections
        let combinations = sections.combinations
        let existing = try Variation.fetch(of: id, from: database)
        var survivors: [[ClientText]: Variation] = [:]
        func key(_ combination: [String]) -> [ClientText] { combination.map { ClientText($0) } }
        for variation in existing {
            guard let successor = sections.successor(of: variation.versions), survivors[key(successor)] == nil else {
                continue
            }
            survivors[key(successor)] = variation
        }
        let kept = Set(survivors.values.map(\.id))
        for variation in existing where !kept.contains(variation.id) { try delete(variation, in: database) }
        let isComplete = combinations.count == survivors.count && existing.count == survivors.count
        for (position, combination) in combinations.enumerated() {
            var survivor = survivors[key(combination)]
            if survivor == nil {
                let name = JSONValue.string(sections.name(of: combination))
                let made = try insert(JSONObject([("name", name)]), position: position, "variations", in: database)
                survivor = try Variation.fetch(id: made, from: database)
            }
            guard var variation = survivor else { continue }
            // A name that came from the versions' goes with them.
            if let before, !before.list.isEmpty, variation.name.hasSameBytes(as: before.name(of: variation.versions)) {
                variation.name = sections.name(of: combination)
            }
            variation.document.versions = combination
            variation.document.isBaseline = position == 0
            // Other combinations, other shares.
            if !isComplete { variation.document.trafficDistribution = nil }
            try variation.save(position: position, in: database)
        }
    }

    /// What a request may change of combinations: not which there are.
    func updateCombinations(_ list: [JSONValue]?, in database: Database) throws {
        guard let list else { return }
        let existing = try Variation.fetch(of: id, from: database)
        for (index, element) in list.enumerated() {
            let place = "variations[\(index)]"
            guard let variationID = element.int64 ?? element["id"]?.int64 else {
                throw ExperimentsError.invalid(
                    place, "\(place): variations of type mvt follow from sections; add a version to a section instead.")
            }
            guard let position = existing.firstIndex(where: { $0.id == variationID }) else {
                throw ExperimentsError.invalid(
                    "\(place).id", "\(place).id: there is no variation \(variationID) in this experience.")
            }
            var body = element.object ?? JSONObject()
            // The first versions together are what is compared with.
            body["is_baseline"] = nil
            try update(existing[position], body, position: position, place, in: database)
        }
    }
}
