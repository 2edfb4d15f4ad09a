import Contract
import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import People
import Text
import Time

/// Segments: their management, and who is in them.
struct SegmentsController: Sendable {
    let segments: SegmentStore
    let members: SegmentMembers
    let feed: ProjectionFeed

    private static let defaultMembers: Int64 = 100

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listSegments", allow: .read, list)
        surface.on("createSegment", allow: .manage, create)
        surface.on("getSegment", allow: .read) { key, request in .json(Self.json(try await find(key, request))) }
        surface.on("updateSegment", allow: .manage, update)
        surface.on("deleteSegment", allow: .manage, delete)
        surface.on("listSegmentMembers", allow: .read, listMembers)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let page = try PageOfIDs(request)
        if let status = request.query.string("status").flatMap(SegmentStatus.init(rawValue:)) {
            let matching = try await all(key).filter { $0.status == status }
            let following = matching.filter { $0.id > page.after }
            return .json(
                page.json(following.prefix(page.limit + 1).map { ($0.id, Self.json($0)) }, total: matching.count))
        }
        let (found, total) = try await segments.list(
            environmentID: key.environmentID, after: page.after, limit: page.limit + 1)
        return .json(page.json(found.map { ($0.id, Self.json($0)) }, total: total))
    }

    private func all(_ key: EnvironmentKey) async throws -> [Segment] {
        var all: [Segment] = []
        while true {
            let (page, _) = try await segments.list(
                environmentID: key.environmentID, after: all.last?.id ?? 0, limit: PageOfIDs.maximumLimit)
            all += page
            if page.count < PageOfIDs.maximumLimit { return all }
        }
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        let segment = NewSegment(
            title: body["title"]?.string ?? "", description: body["description"]?.string,
            status: body["status"]?.string.flatMap(SegmentStatus.init(rawValue:)) ?? .published,
            isHidden: body["is_hidden"]?.bool ?? false, isProtected: body["is_protected"]?.bool ?? false,
            rule: body["rule"]?.value ?? .null)
        let created = try await segments.create(segment, environmentID: key.environmentID)
        return .json(Self.json(created), status: .created)
    }

    private func update(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("segment_id")
        let body = try request.json
        let changes = SegmentChanges(
            title: body["title"]?.string, description: body["description"].map(\.string),
            status: body["status"]?.string.flatMap(SegmentStatus.init(rawValue:)), isHidden: body["is_hidden"]?.bool,
            isProtected: body["is_protected"]?.bool, rule: body["rule"]?.value)
        guard let changed = try await segments.update(id, changes, environmentID: key.environmentID) else {
            throw Self.missing(id)
        }
        return .json(Self.json(changed))
    }

    private func delete(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("segment_id")
        guard try await segments.delete(id, environmentID: key.environmentID) else { throw Self.missing(id) }
        return .noContent
    }

    private func listMembers(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        try await feed.recovered()
        let segment = try await find(key, request)
        let ids = try await members.members(of: segment, environmentID: key.environmentID)
        let limit = Int(request.query.integer("limit") ?? Self.defaultMembers)
        return .json([
            "total_count": .integer(Int64(ids.count)),
            "user_ids": .array(ids.sorted().prefix(limit).map { .string($0.string) }),
        ])
    }

    private func find(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> Segment {
        let id = try request.pathID("segment_id")
        guard let segment = try await segments.segment(id, environmentID: key.environmentID) else {
            throw Self.missing(id)
        }
        return segment
    }

    private static func missing(_ id: Int64) -> APIError {
        .notFound("There is no segment \(id).")
    }

    private static func json(_ segment: Segment) -> JSONValue {
        [
            "id": .integer(segment.id), "title": .string(segment.title), "description": .text(segment.description),
            "status": .string(segment.status.rawValue), "is_hidden": .bool(segment.isHidden),
            "is_protected": .bool(segment.isProtected), "rule": segment.rule, "created_at": .time(segment.createdAt),
            "updated_at": .time(segment.updatedAt),
        ]
    }
}
