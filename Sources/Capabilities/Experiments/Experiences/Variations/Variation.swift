import ControlStore
import JSON
import ProjectDocuments
import Resources
import Text

/// One of the forms that an experience shows.
struct Variation {
    let id: Int64
    let experienceID: Int64
    let key: String
    var name: String
    /// Description, `is_baseline`, `traffic_distribution`, `status`; of a multivariate test, `versions` too.
    var document: VariationDocument

    init(row: Row) throws {
        id = try row.read("id")
        experienceID = try row.read("experience_id")
        key = try row.read("key")
        name = try row.read("name")
        document = try VariationDocument(JSONValue(stored: row.read("document", as: String.self)))
    }

    var isBaseline: Bool { document.isBaseline }
    var traffic: Double? { document.trafficDistribution }
    /// Of a multivariate test: the version of each section, in the order of the sections.
    var versions: [String] { document.versions }

    /// The variations of these experiences, each experience's in order.
    static func fetch(of experienceIDs: [Int64], from database: Database) throws -> [Variation] {
        try database.rows(
            prepared: """
                SELECT * FROM variations WHERE experience_id IN \(SQL.list("?"))
                ORDER BY experience_id, position, id
                """,
            arguments: [ListArgument(experienceIDs)]
        ).map { try Variation(row: $0) }
    }

    static func fetch(of experienceID: Int64, from database: Database) throws -> [Variation] {
        try fetch(of: [experienceID], from: database)
    }

    /// By the experience's id, in order.
    static func ids(of experienceIDs: [Int64], from database: Database) throws -> [Int64: [Int64]] {
        let rows = try database.rows(
            prepared: """
                SELECT id, experience_id FROM variations WHERE experience_id IN \(SQL.list("?"))
                ORDER BY experience_id, position, id
                """,
            arguments: [ListArgument(experienceIDs)])
        var ids: [Int64: [Int64]] = [:]
        for row in rows {
            try ids[row.read("experience_id"), default: []].append(row.read("id"))
        }
        return ids
    }

    static func fetch(id: Int64, from database: Database) throws -> Variation? {
        try database.row(prepared: "SELECT * FROM variations WHERE id = ?", arguments: [id])
            .map { try Variation(row: $0) }
    }

    func save(position: Int, in database: Database) throws {
        try database.execute(
            prepared: "UPDATE variations SET name = ?, document = ?, position = ? WHERE id = ?",
            arguments: [name, try StoredDocument.text(document.members), position, id])
    }

    /// The members that the contract shows, without changes.
    var shown: JSONObject {
        var shown = JSONObject([("id", .integer(id)), ("name", .string(name)), ("key", .string(key))])
        for (member, value) in document.members where member != "versions" { shown[member] = value }
        return shown
    }

    /// - Parameter changes: those that stand in the variation itself.
    func concurrencyKey(_ changes: [VariationChange]) -> JSONValue {
        ConcurrencyKey.of(["variation": .object(shown), "changes": .array(changes.map(\.shown))])
    }
}

/// What a variation, or a version of a section, does.
struct VariationChange {
    let id: Int64
    let experienceID: Int64
    let variationID: Int64?
    let sectionID: String?
    let versionID: String?
    let position: Int
    /// Nil for one that no version of the contract knows.
    let type: ChangeType?
    private let typeName: String
    let data: ChangeData

    init(row: Row) throws {
        id = try row.read("id")
        experienceID = try row.read("experience_id")
        variationID = try row.read("variation_id")
        sectionID = try row.read("section_id")
        versionID = try row.read("version_id")
        position = try row.read("position")
        typeName = try row.read("type")
        type = ChangeType(rawValue: typeName)
        data = try ChangeData(JSONValue(stored: row.read("data", as: String.self)))
    }

    /// The changes of these experiences, each experience's in order.
    static func fetch(of experienceIDs: [Int64], from database: Database) throws -> [VariationChange] {
        var weight = PageWeight(count: experienceIDs.count)
        let rows = try database.cursor(
            prepared: """
                SELECT * FROM variation_changes WHERE experience_id IN \(SQL.list("?"))
                ORDER BY experience_id, position, id
                """,
            arguments: [ListArgument(experienceIDs)])
        var changes: [VariationChange] = []
        while let row = try rows.next() {
            try weight.add(row.read("data"))
            changes.append(try VariationChange(row: row))
        }
        return changes
    }

    /// What all changes of an experience have as JSON.
    static func byteCount(of experienceID: Int64, from database: Database) throws -> Int {
        try database.value(
            Int.self,
            prepared:
                "SELECT ifnull(sum(length(CAST(data AS BLOB))), 0) FROM variation_changes WHERE experience_id = ?",
            arguments: [experienceID]) ?? 0
    }

    /// The changes that stand in one place, in order.
    static func fetch(_ owner: Owner, of experienceID: Int64, from database: Database) throws -> [VariationChange] {
        var (variation, section, version): (Int64?, String?, String?) = (nil, nil, nil)
        switch owner {
        case .variation(let id): variation = id
        case .version(let ofSection, let ofVersion): (section, version) = (ofSection.string, ofVersion.string)
        }
        return try database.rows(
            prepared: """
                SELECT * FROM variation_changes
                WHERE experience_id = ? AND variation_id IS ? AND section_id IS ? AND version_id IS ?
                ORDER BY position, id
                """,
            arguments: [experienceID, variation, section, version]
        ).map { try VariationChange(row: $0) }
    }

    /// Contract schema `ExperienceChange`.
    var shown: JSONValue {
        var shown: JSONValue = ["id": .integer(id), "type": .string(typeName), "data": data.json]
        shown["concurrency_key"] = ConcurrencyKey.of(shown)
        return shown
    }

    /// The same without what makes it this one.
    var document: ChangeDocument { ChangeDocument(type: typeName, data: data) }

    /// Where the change stands.
    var owner: Owner {
        if let variationID { return .variation(variationID) }
        return .version(section: ClientText(sectionID ?? ""), version: ClientText(versionID ?? ""))
    }

    enum Owner: Hashable {
        case variation(Int64)
        case version(section: ClientText, version: ClientText)
    }
}
