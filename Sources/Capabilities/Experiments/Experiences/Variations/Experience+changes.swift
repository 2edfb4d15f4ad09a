import ControlStore
import JSON
import ProjectDocuments
import Resources
import Text

/// What variations do, and versions of sections.
extension Experience {
    /// In one place.
    static let maximumChanges = 200
    /// Bytes of all changes as JSON: what is served of a whole project has as many at most.
    static let maximumChangeBytes = 16 * 1_048_576

    /// Keeps an experience within what can be held and served as a whole. One that is larger already may only shrink.
    /// - Throws: ``ExperimentsError`` when its changes have grown beyond that.
    func checkSizeOfChanges(in database: Database) throws {
        let bytes = try VariationChange.byteCount(of: id, from: database)
        guard bytes <= Self.maximumChangeBytes || bytes <= journal.changeBytes else {
            throw ExperimentsError.invalid(
                "changes",
                "changes: all those of the experience would be \(bytes) bytes of JSON together; at most "
                    + "\(Self.maximumChangeBytes) are stored. Make them smaller, or several experiences of it.")
        }
        journal.changeBytes = bytes
    }

    /// Stores the list: what has an id is changed or kept, what has none is added, what is missing is deleted.
    func storeChanges(
        _ list: [JSONValue], of owner: VariationChange.Owner, _ place: String, in database: Database
    ) throws {
        guard list.count <= Self.maximumChanges else {
            throw ExperimentsError.invalid(place, "\(place) may hold at most \(Self.maximumChanges).")
        }
        let existing = try VariationChange.fetch(owner, of: id, from: database)
        let kept = try Self.named(in: list, place)
        for change in existing where !kept.contains(change.id) { try delete(change, in: database) }
        for (index, element) in list.enumerated() {
            let place = "\(place)[\(index)]"
            guard let changeID = element.int64 ?? element["id"]?.int64 else {
                try insertChange(element, of: owner, position: index, place, in: database)
                continue
            }
            guard let change = existing.first(where: { $0.id == changeID }) else {
                throw ExperimentsError.invalid("\(place).id", "\(place).id: there is no change \(changeID) here.")
            }
            try database.execute(
                prepared: "UPDATE variation_changes SET position = ? WHERE id = ?", arguments: [index, changeID])
            if element["data"] != nil { try update(change, element, place, in: database) }
        }
    }

    @discardableResult
    func insertChange(
        _ body: JSONValue, of owner: VariationChange.Owner, position: Int, _ place: String, in database: Database
    ) throws -> Int64 {
        let (type, data) = try checked(ChangeDocument(body), place, in: database)
        var (variationID, section, version): (Int64?, String?, String?) = (nil, nil, nil)
        switch owner {
        case .variation(let id): variationID = id
        case .version(let ofSection, let ofVersion): (section, version) = (ofSection.string, ofVersion.string)
        }
        let changeID = try database.insert(
            prepared: """
                INSERT INTO variation_changes (experience_id, variation_id, section_id, version_id, position, type, data)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, variationID, section, version, position, type.rawValue, try StoredDocument.text(data.members),
            ])
        try record(
            "create", "change", id: changeID, old: nil,
            new: ChangeDocument(type: type.rawValue, data: data).members, in: database)
        return changeID
    }

    /// - Throws: ``ExperimentsError`` when the data does not fit the change's type, or the change has changed since.
    func update(_ change: VariationChange, _ body: JSONValue, _ place: String, in database: Database) throws {
        try ConcurrencyKey.check(
            body["concurrency_key"], against: change.shown["concurrency_key"] ?? .null, "change \(change.id)")
        if let type = body["type"]?.string, type != change.document.typeName {
            throw ExperimentsError.invalid(
                Self.member("type", of: place),
                "\(Self.member("type", of: place)) of a change cannot be changed; add another one.")
        }
        // Members that are not sent stay.
        let data = ChangeData(change.data.json.withMembers(of: body["data"] ?? [:]))
        guard data != change.data else { return }
        var changed = change.document
        changed.data = data
        _ = try checked(changed, place, in: database)
        try database.execute(
            prepared: "UPDATE variation_changes SET data = ? WHERE id = ?",
            arguments: [try StoredDocument.text(data.members), change.id])
        try record(
            "update", "change", id: change.id, old: JSONObject([("data", change.data.json)]),
            new: JSONObject([("data", data.json)]), in: database)
    }

    func delete(_ change: VariationChange, in database: Database) throws {
        try database.execute(prepared: "DELETE FROM variation_changes WHERE id = ?", arguments: [change.id])
        try record(
            "delete", "change", id: change.id,
            old: change.document.members, new: nil, in: database)
    }

    /// Pages that are gone take their changes with them.
    func dropChangesOfMissingPages(in database: Database) throws {
        guard type == .multipage else { return }
        let pages = pageIDs.map { ClientText($0) }
        for change in try VariationChange.fetch(of: [id], from: database) {
            guard let page = change.data.pageID, !pages.contains(ClientText(page)) else { continue }
            try delete(change, in: database)
        }
        // Every variation has its code for every page, be it empty; it comes after the changes that are there.
        for variation in try Variation.fetch(of: id, from: database) {
            let changes = try VariationChange.fetch(.variation(variation.id), of: id, from: database)
            let next = (changes.map(\.position).max() ?? -1) + 1
            let covered = Set(
                changes.filter { $0.type == .defaultCodeMultipage }
                    .compactMap { $0.data.pageID.map { ClientText($0) } })
            for (offset, page) in pages.filter({ !covered.contains($0) }).enumerated() {
                let empty: JSONValue = [
                    "type": .string(ChangeType.defaultCodeMultipage.rawValue),
                    "data": ["js": .null, "css": .null, "custom_js": .null, "page_id": .string(page.string)],
                ]
                try insertChange(
                    empty, of: .variation(variation.id), position: next + offset, "", in: database)
            }
        }
    }

    private var pageIDs: [String] { document.pages.compactMap(\.id) }

    static func member(_ name: String, of place: String) -> String {
        place.isEmpty ? name : "\(place).\(name)"
    }

    /// The type and data of a change, if the experience may hold it.
    private func checked(
        _ change: ChangeDocument, _ place: String, in database: Database
    ) throws -> (type: ChangeType, data: ChangeData) {
        let typeField = Self.member("type", of: place)
        guard let type = change.type else {
            throw ExperimentsError.invalid(typeField, "\(typeField) is required.")
        }
        guard self.type.changeTypes.contains(type) else {
            let names = self.type.changeTypes.map(\.rawValue).joined(separator: ", ")
            throw ExperimentsError.invalid(
                typeField,
                "\(typeField) \(type.rawValue) does not fit an experience of type \(self.type.rawValue): \(names) do.")
        }
        let data = change.data ?? ChangeData(JSONObject())
        let field = Self.member("data", of: place)
        let isMultipage = self.type == .multipage
        if isMultipage {
            guard let page = data.pageID, pageIDs.contains(where: { $0.hasSameBytes(as: page) }) else {
                throw ExperimentsError.invalid(
                    "\(field).page_id", "\(field).page_id must be one of the pages: \(pageIDs.joined(separator: ", "))."
                )
            }
        } else if data.pageID != nil {
            throw ExperimentsError.invalid("\(field).page_id", "\(field).page_id is for the type multipage only.")
        }
        if type == .fullStackFeature { try checkFeature(data, field, in: database) }
        if type == .defaultRedirect {
            let patterns = [("original_pattern", data.originalPattern), ("variation_pattern", data.variationPattern)]
            for (member, pattern) in patterns where (pattern ?? "").isEmpty {
                throw ExperimentsError.invalid("\(field).\(member)", "\(field).\(member) must not be empty.")
            }
        }
        return (type, data)
    }

    /// The feature is the project's, and what is set of it are values of its variables types.
    private func checkFeature(_ data: ChangeData, _ field: String, in database: Database) throws {
        let featureID = try service.existing(
            .feature, data.featureID ?? 0, "\(field).feature_id", scope, in: database)
        let feature = try service.find(.feature, .id(featureID), scope, in: database)
        let variables = FeatureDocument(feature.document).variables
        for (name, value) in data.variablesData {
            let place = "\(field).variables_data.\(name)"
            guard let variable = variables.first(where: { $0.key.hasSameBytes(as: name) }) else {
                throw ExperimentsError.invalid(place, "\(place): the feature \(featureID) has no such variable.")
            }
            if let problem = Rules.problem(of: value, type: variable.type) {
                throw ExperimentsError.invalid(place, "\(place) \(problem).")
            }
        }
    }
}
