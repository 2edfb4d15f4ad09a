import Contract
import EventStore
import Features
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Tracked features: what is looked for, and how often it was found.
struct FeaturesController: Sendable {
    let features: FeatureStore
    /// Has counts take in what was sent before the call.
    let feed: ProjectionFeed

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listFeatures", allow: .read) { key, request in
            try await feed.recovered()
            let page = try PageOfIDs(request)
            let (found, total) = try await features.page(
                environmentID: key.environmentID, after: page.after, limit: page.limit + 1)
            return .json(page.json(found.map { ($0.id, Self.json($0)) }, total: total))
        }
        surface.on("createFeature", allow: .manage, create)
        surface.on("getFeature", allow: .read) { key, request in
            try await feed.recovered()
            let tag = try request.path("tag")
            guard let found = try await features.feature(tag, environmentID: key.environmentID) else {
                throw Self.missing(tag)
            }
            return .json(Self.json(found))
        }
        surface.on("updateFeature", allow: .manage, update)
        surface.on("deleteFeature", allow: .manage) { key, request in
            let tag = try request.path("tag")
            var changes = FeatureChanges()
            changes.isActive = false
            guard try await features.update(tag, changes, environmentID: key.environmentID) != nil else {
                throw Self.missing(tag)
            }
            return .noContent
        }
    }

    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        let new = NewFeature(
            name: body["name"]?.string ?? "",
            kind: body["kind"]?.string.flatMap(TrackedFeature.Kind.init(rawValue:)) ?? .feature,
            tag: body["tag"]?.string, parentTag: body["parent"]?.string, labels: body["labels"]?.value ?? [],
            elements: Self.elements(of: body) ?? [])
        return .json(Self.json(try await features.create(new, environmentID: key.environmentID)), status: .created)
    }

    private func update(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let tag = try request.path("tag")
        let body = try request.json
        var changes = FeatureChanges()
        changes.name = body["name"]?.string
        if let parent = body["parent"] { changes.parentTag = .some(parent.string) }
        changes.isActive = body["is_active"]?.bool
        changes.labels = body["labels"]?.value
        changes.elements = Self.elements(of: body)
        guard let changed = try await features.update(tag, changes, environmentID: key.environmentID) else {
            throw Self.missing(tag)
        }
        return .json(Self.json(changed))
    }

    private static func elements(of body: JSONNode) -> [FeatureElement]? {
        body["elements"].map { $0.elements.map { FeatureElement($0.value) } }
    }

    static func missing(_ tag: String) -> APIError { .notFound("There is no feature \(tag).") }

    private static func json(_ feature: TrackedFeature) -> JSONValue {
        [
            "tag": .string(feature.tag), "name": .string(feature.name), "kind": .string(feature.kind.rawValue),
            "parent": .text(feature.parentTag), "is_active": .bool(feature.isActive), "labels": feature.labels,
            "elements": .array(feature.elements.map(\.json)),
            "counts_since": feature.countsSince.map { .time($0) } ?? .null,
            "total_event_count": .integer(Int64(feature.eventCount)),
            "total_user_count": .integer(Int64(feature.userCount)), "created_at": .time(feature.createdAt),
            "updated_at": .time(feature.updatedAt),
        ]
    }
}
