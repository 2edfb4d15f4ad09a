import Content
import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Text
import Time

/// Engagements out of the one store of content, under the base's names and under the vendor's.
struct EngagementController: Sendable {
    let content: ContentStore

    private static let kinds = ContentKind.allCases.filter { $0.standardForm != nil }

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listEngagements", allow: .readOfGainsight, list)
        surface.on("listPxEngagements", allow: .readOfGainsight) { key, request in
            try await page(key, request, isExtended: false)
        }
        surface.on("listPxEngagementsExtended", allow: .readOfGainsight) { key, request in
            try await page(key, request, isExtended: true)
        }
        surface.on("getPxEngagement", allow: .readOfGainsight) { key, request in
            .json(Self.json(try await find(request.path("engagementId"), key), key, isExtended: false))
        }
        surface.on("deletePxEngagement", allow: .manageOfGainsight) { key, request in
            let engagement = try await find(request.path("engagementId"), key)
            _ = try await content.delete(engagement.id, environmentID: key.environmentID)
            return .json([:])
        }
        surface.on("putPxEngagementState", allow: .manageOfGainsight, setState)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let page = try ScrolledPage(request)
        let (found, total) = try await content.page(
            environmentID: key.environmentID, kinds: Self.kinds, after: page.after, limit: page.size)
        let rows = found.map { content -> JSONValue in
            [
                "id": .string("\(content.id)"), "name": .string(content.title), "type": .string(content.baseType),
                "state": .string(content.baseState), "createdDate": .integer(content.createdAt.milliseconds),
            ]
        }
        return .json(page.json(rows, lastID: found.last?.id, total: total))
    }

    private func page(
        _ key: EnvironmentKey, _ request: OperationRequest, isExtended: Bool
    ) async throws -> OperationResponse {
        let page = try NumberedPage(request, standardSize: 200)
        // Each in a parameter of its own, or joined by commas.
        let names = request.query.strings("contentTypes").flatMap { $0.split(byte: ",") }
        var sorts: [EngagementSort] = []
        for name in names {
            guard let named = EngagementSort.named(name) else {
                throw APIError.invalid(
                    "contentTypes",
                    "contentTypes: there is no type \"\(name.prefix(80))\", but \(EngagementSort.names.joined(separator: ", ")), EMAIL and OUT_BOUND_EMAIL."
                )
            }
            sorts += named
        }
        let isNothing = !names.isEmpty && sorts.isEmpty
        let (found, total) =
            isNothing
            ? ([], 0)
            : try await content.page(
                environmentID: key.environmentID, kinds: Self.kinds, sorts: sorts, offset: page.offset,
                limit: page.size)
        let rows = found.map { Self.json($0, key, isExtended: isExtended) }
        return .json(page.json("engagements", rows, total: total))
    }

    private func setState(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        let engagement = try await find(body["engagementId"]?.string ?? "", key)
        var changes = ContentChanges()
        if body["state"]?.string == "PAUSE" {
            changes.isPaused = true
        } else {
            let environments = body["envs"]?.elements.compactMap(\.string) ?? ["PRODUCTION"]
            changes.isPaused = false
            changes.details = ["environments": .array(environments.map { .string($0) })]
            // Elsewhere it is tried only.
            if environments.contains("PRODUCTION") || environments.isEmpty { changes.status = .published }
        }
        _ = try await content.update(engagement.id, changes, environmentID: key.environmentID)
        return .json([:])
    }

    private func find(_ text: String, _ key: EnvironmentKey) async throws -> Content {
        guard let id = Int64(text), let found = try await content.content(id, environmentID: key.environmentID),
            Self.kinds.contains(found.kind)
        else { throw APIError.notFound("Engagement was not found for parameters {id=\(text)}") }
        return found
    }

    private static func json(_ content: Content, _ key: EnvironmentKey, isExtended: Bool) -> JSONValue {
        let languages = content.languages
        var members = JSONObject([
            ("id", .string("\(content.id)")), ("name", .string(content.title)),
            ("description", content.details["description"] ?? ""), ("type", .string(content.vendorType)),
            ("state", .string(content.vendorState)), ("propertyKeys", .array([.string(key.appToken)])),
            ("envs", .array(content.environments.map { .string($0.withCapital) })),
            ("defaultLanguage", content.details["default_language"] ?? ""), ("languages", languages.json),
            ("translationState", .string(languages.translationState)),
        ])
        if isExtended {
            let events = (content.details["custom_events"]?.array ?? []).map { event -> JSONValue in
                ["name": event["name"] ?? "", "properties": event["properties"] ?? []]
            }
            members["customEvents"] = .array(events)
        }
        return .object(members)
    }
}
