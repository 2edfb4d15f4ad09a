import Content
import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// In-app content: flows, banners, surveys and so on.
struct ContentController: Sendable {
    let content: ContentStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listContent", allow: .read, list)
        surface.on("createContent", allow: .manage, create)
        surface.on("getContent", allow: .read) { key, request in .json(Self.json(try await find(key, request))) }
        surface.on("updateContent", allow: .manage, update)
        surface.on("deleteContent", allow: .manage, delete)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let page = try PageOfIDs(request)
        let (found, total) = try await content.list(
            environmentID: key.environmentID, kind: request.query.string("kind").flatMap(ContentKind.init(rawValue:)),
            status: request.query.string("status").flatMap(ContentStatus.init(rawValue:)), after: page.after,
            limit: page.limit + 1)
        return .json(page.json(found.map { ($0.id, Self.json($0)) }, total: total))
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        guard let kind = body["kind"]?.string.flatMap(ContentKind.init(rawValue:)) else {
            throw APIError.invalid("kind", "kind is required.")
        }
        var new = NewContent(
            kind: kind, title: body["title"]?.string ?? "",
            type: body["type"]?.string.flatMap(ContentType.init(rawValue:)),
            status: body["status"]?.string.flatMap(ContentStatus.init(rawValue:)) ?? .draft,
            platform: body["platform"]?.string.flatMap(ContentPlatform.init(rawValue:)) ?? .web,
            parts: try Self.parts(of: body, kind) ?? [])
        new.form = body["form"]?.string.flatMap(EngagementForm.init(rawValue:))
        new.survey = body["survey"]?.string.flatMap(SurveyKind.init(rawValue:))
        new.isPaused = body["is_paused"]?.bool ?? false
        new.details = body["details"]?.value ?? [:]
        return .json(Self.json(try await content.create(new, environmentID: key.environmentID)), status: .created)
    }

    private func update(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let old = try await find(key, request)
        let body = try request.json
        var changes = ContentChanges(
            title: body["title"]?.string, type: body["type"]?.string.flatMap(ContentType.init(rawValue:)),
            status: body["status"]?.string.flatMap(ContentStatus.init(rawValue:)),
            platform: body["platform"]?.string.flatMap(ContentPlatform.init(rawValue:)),
            parts: try Self.parts(of: body, old.kind))
        changes.form = body["form"]?.string.flatMap(EngagementForm.init(rawValue:))
        changes.survey = body["survey"]?.string.flatMap(SurveyKind.init(rawValue:))
        changes.isPaused = body["is_paused"]?.bool
        changes.details = body["details"]?.value
        if old.kind.hasType, body["type"]?.isNull == true {
            throw APIError.invalid("type", "type: \(old.kind.rawValue) needs one of banner, card")
        }
        guard let changed = try await content.update(old.id, changes, environmentID: key.environmentID) else {
            throw Self.missing(old.id)
        }
        return .json(Self.json(changed))
    }

    private func delete(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("content_id")
        guard try await content.delete(id, environmentID: key.environmentID) else { throw Self.missing(id) }
        return .noContent
    }

    private func find(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> Content {
        let id = try request.pathID("content_id")
        guard let content = try await content.content(id, environmentID: key.environmentID) else {
            throw Self.missing(id)
        }
        return content
    }

    private static func missing(_ id: Int64) -> APIError {
        .notFound("There is no content \(id).")
    }

    /// Each kind has one list of parts; parts under another name would be lost.
    private static func parts(of body: JSONNode, _ kind: ContentKind) throws(APIError) -> [JSONValue]? {
        for other in ContentParts.allCases where other != kind.parts {
            if let list = body[other.rawValue], list.count > 0 {
                throw APIError.invalid(
                    other.rawValue, "\(other.rawValue): \(kind.rawValue) has none; its parts are \(kind.parts.rawValue)"
                )
            }
        }
        return body[kind.parts.rawValue].map { $0.elements.map(\.value) }
    }

    private static func json(_ content: Content) -> JSONValue {
        [
            "id": .integer(content.id), "key": .string(content.key), "kind": .string(content.kind.rawValue),
            "title": .string(content.title), "type": .text(content.type?.rawValue),
            "status": .string(content.status.rawValue), "platform": .string(content.platform.rawValue),
            "form": .text(content.form?.rawValue), "survey": .text(content.survey?.rawValue),
            "is_paused": .bool(content.isPaused), "details": content.details,
            content.kind.parts.rawValue: .array(content.parts), "created_at": .time(content.createdAt),
            "updated_at": .time(content.updatedAt),
        ]
    }
}
