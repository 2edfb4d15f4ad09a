import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Projects
import Resources

/// Projects as files: `exportProject`, `importProject`, `importProjectData`.
struct ProjectTransferController: Sendable {
    let projects: ProjectService
    let answers: AnswerFiles
    /// What the contract asks of a new resource of each kind.
    let schemas: [ResourceKind: Schema]
    /// The same of a project's settings.
    let projectSchema: Schema?

    private static let maximumFileBytes = 50 * 1_024 * 1_024
    private static let operations: [ResourceKind: String] = [
        .tag: "createTag", .goal: "createGoal", .audience: "createAudience", .location: "createLocation",
        .feature: "createFeature", .experience: "createExperience", .hypothesis: "createHypothesis",
    ]

    init(contract: ContractDocument, projects: ProjectService, answers: AnswerFiles) {
        self.projects = projects
        self.answers = answers
        func schema(_ operation: String) -> Schema? {
            contract.operation(operation)?.requestBody?.content["application/json"]?.schema
        }
        schemas = Self.operations.compactMapValues(schema)
        projectSchema = schema("updateProject")
    }

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        let limits = OperationLimits(bodyBytes: Self.maximumFileBytes, bodyCheck: .none)
        surface.on("exportProject", allow: .may(.exportProject, in: .project)) { scope, request in
            let selection = try ProjectSelection(request.bodyMembers)
            let file = try answers.make(account: scope.project.accountID)
            try await projects.export(scope.project, selection) { try file.append($0) }
            var response = OperationResponse(status: .created, body: file.body)
            response.headers[.contentType] = "download/json"
            response.headers[.contentDisposition] = "attachment; filename=\"project-\(scope.project.id).json\""
            return response
        }
        surface.on("importProject", allow: .may(.importProject, in: .account), limits: limits) { caller, request in
            let id = try await projects.importProject(
                file(request), accountID: caller.accountID, author: caller.author, checks: checks)
            return .json(
                ["code": 201, "message": .string("The project is imported as \(id)."), "id": .integer(id)],
                status: .created)
        }
        surface.on("importProjectData", allow: .may(.importProject, in: .project), limits: limits) { scope, request in
            let imported = try await projects.importParts(file(request), scope, checks: checks)
            let members: [(ResourceKind, String)] = [
                (.experience, "experiences"), (.audience, "audiences"), (.location, "locations"), (.goal, "goals"),
                (.hypothesis, "hypothesis"),
            ]
            let ids = JSONObject(
                members.map { ($0.1, .array((imported[$0.0] ?? []).map { .integer($0) })) })
            return .json(
                ["code": 201, "message": "The file is imported.", "imported": .object(ids)], status: .created)
        }
    }

    private var checks: ProjectService.FileChecks {
        ProjectService.FileChecks(
            project: { Self.findings($0, projectSchema) }, resource: { Self.findings($1, schemas[$0]) })
    }

    private static func findings(_ value: JSONValue, _ schema: Schema?) -> [ExperimentsError.Finding] {
        guard let schema, let document = try? JSONDocument(parsing: value.encoded()) else { return [] }
        return schema.validate(document.root).map {
            ExperimentsError.Finding(field: $0.field, message: $0.description)
        }
    }

    /// The form's field `file`.
    private func file(_ request: OperationRequest) async throws -> JSONValue {
        guard case .bytes(let body, _, let contentType) = request.body,
            let boundary = MultipartForm.boundary(of: contentType),
            let form = try? MultipartForm(body, boundary: boundary), let part = form["file"]
        else { throw APIError.invalid("file", "The form must have a field named file.") }
        return try await request.read(Array(body[part.range])) { bytes in
            do throws(JSONError) {
                return withoutReadOnly(try JSONValue(parsing: bytes))
            } catch {
                throw APIError.invalid("file", "The file is not valid JSON: \(error.message)")
            }
        }
    }

    /// The file without what nobody may set, its resources with their ids.
    private func withoutReadOnly(_ file: JSONValue) -> JSONValue {
        var file = file
        if let project = file["project"] { file["project"] = projectSchema?.withoutReadOnly(project) ?? project }
        for (kind, member) in ProjectFile.members {
            guard let schema = schemas[kind], let resources = file[member]?.array else { continue }
            file[member] = .array(resources.map { schema.withoutReadOnly($0, isElement: true) })
        }
        return file
    }
}
