import ControlStore
import Identity
import JSON
import ProjectDocuments
import Resources
import Text
import Time

/// An experience about to be changed, inside a transaction.
struct Experience {
    let id: Int64
    let scope: ResourceScope
    let service: ResourceService
    let type: ExperienceType
    let status: ExperienceStatus
    var document: ExperienceDocument
    private let stored: ExperienceDocument
    /// What the change history has been told of, and what it has not yet.
    let journal: Journal
    var isNew = false

    /// Shared by all copies of one experience about to be changed.
    final class Journal {
        /// The variations as the change history knows them.
        var variations: [Int64: JSONObject]
        var isEmpty = true
        /// Bytes of JSON of all changes, as they were when last looked at.
        var changeBytes: Int

        init(variations: [Int64: JSONObject], changeBytes: Int) {
            self.variations = variations
            self.changeBytes = changeBytes
        }
    }

    init(_ id: Int64, _ scope: ResourceScope, _ service: ResourceService, from database: Database) throws {
        let resource = try service.find(.experience, .id(id), scope, in: database)
        self.id = id
        self.scope = scope
        self.service = service
        document = resource.experience
        stored = resource.experience
        type = resource.experience.type ?? .ab
        status = resource.status.flatMap(ExperienceStatus.init) ?? .draft
        journal = Journal(
            variations: try Self.historical(resource.id, type, from: database),
            changeBytes: try VariationChange.byteCount(of: resource.id, from: database))
    }

    /// Whether visitors may have seen it: from then on what they saw stays comparable.
    var isStarted: Bool { document.isStarted }

    func saveDocument(in database: Database) throws {
        guard document != stored else { return }
        try Resource.store(document.members, of: id, in: database)
    }

    /// Marks the experience as changed when a part of it was.
    func touch(in database: Database) throws {
        guard !journal.isEmpty else { return }
        try Resource.touch(id, at: service.clock.now, in: database)
    }

    func record(
        _ event: String, _ object: String, id partID: Int64, old: JSONObject?, new: JSONObject?, in database: Database
    ) throws {
        journal.isEmpty = false
        // A part may have the number that the experience has.
        let parentID = object == ResourceKind.experience.rawValue ? nil : id
        try service.changeLog(scope).record(
            event, object, id: partID, parentID: parentID, old: old, new: new, in: database)
    }

    /// A new experience starts with the project's defaults where its creator names nothing.
    func takeDefaults(_ body: JSONObject, in database: Database) throws {
        for (field, kind) in [
            ("goals", ResourceKind.goal), ("audiences", .audience), ("locations", .location),
        ] where body[field] == nil {
            if kind == .goal, !type.hasGoals || ExperienceDocument(body).primaryGoal != nil { continue }
            if kind == .location, type.projectType == .fullstack { continue }
            let ids = try database.values(
                Int64.self,
                prepared: """
                    SELECT id FROM resources WHERE project_id = ? AND kind = ? AND status IS NOT 'archived'
                    AND \(SQL.member("selected_default")) ORDER BY id
                    """,
                arguments: [scope.project.id, kind.rawValue])
            try service.storeReferences(of: id, field, ids, in: database)
        }
    }

    /// What is archived stays where it is used, and comes into use nowhere else.
    /// - Parameter used: what the experience used before the change.
    func checkNothingArchived(_ body: JSONObject, besides used: Set<Int64>, in database: Database) throws {
        var named: [(field: String, id: Int64?)] = [("primary_goal", ExperienceDocument(body).primaryGoal)]
        for field in ["goals", "audiences", "locations"] {
            named += (body[field]?.array ?? []).enumerated().map { ("\(field)[\($0.offset)]", $0.element.int64) }
        }
        for (field, id) in named {
            guard let id, !used.contains(id) else { continue }
            let status = try database.value(
                String.self, prepared: "SELECT status FROM resources WHERE id = ? AND project_id = ?",
                arguments: [id, scope.project.id])
            guard status != "archived" else {
                throw ExperimentsError.invalid(field, "\(field) is archived; it cannot come into use.")
            }
        }
    }

    /// The primary goal is always one of the goals; the first of them where none is named.
    mutating func checkGoals(_ body: JSONObject, in database: Database) throws {
        var goals = try Resource.references(of: [id], from: database)[id]?["goals"] ?? []
        guard type.hasGoals else {
            guard goals.isEmpty, document.primaryGoal == nil else {
                throw ExperimentsError.invalid("goals", "goals: experiences of type \(type.rawValue) have no goals.")
            }
            return
        }
        guard let primary = document.primaryGoal else {
            if let first = goals.first { document.primaryGoal = first }
            return
        }
        if goals.contains(primary) { return }
        _ = try service.existing(.goal, primary, "primary_goal", scope, in: database)
        if body["goals"] == nil {
            // Named alone, it joins the others.
            goals.append(primary)
            try service.storeReferences(of: id, "goals", goals, in: database)
            return
        }
        let field = body["primary_goal"] == nil ? "goals" : "primary_goal"
        throw ExperimentsError.invalid(
            field,
            "\(field): the primary goal \(primary) must be among the goals. Name another primary_goal to leave it out.")
    }

    mutating func checkEnvironment(in database: Database) throws {
        let environments = try ProjectEnvironment.fetchAll(projectID: scope.project.id, from: database)
        let names = environments.map(\.name)
        guard let environment = document.environment else {
            let standard = environments.first(where: \.isDefault)?.name ?? names.first
            if let standard { document.environment = standard }
            return
        }
        guard names.contains(where: { $0.hasSameBytes(as: environment) }) else {
            throw ExperimentsError.invalid(
                "environment", "environment must be one of the project's: \(names.joined(separator: ", ")).")
        }
    }
}
