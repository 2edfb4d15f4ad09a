import Catalogue
import Content
import Contract
import EventStore
import Gateway
import Identity
import JSON
import People
import Time

/// Lookups: what the ids and names in exported rows stand for.
struct LookupController: Sendable {
    let catalogue: CatalogueStore
    let segments: SegmentStore
    let content: ContentStore
    /// Lets what was ingested before the call take effect first.
    let feed: ProjectionFeed
    /// How long a call waits for that.
    private static let patience = Duration.seconds(10)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        on("lookupUserProperties", &surface) { key, _ in try await properties(of: .user, key) }
        on("lookupCompanyProperties", &surface) { key, _ in try await properties(of: .company, key) }
        on("lookupFeaturesEvents", &surface) { key, _ in try await featuresAndEvents(key) }
        on("lookupEventsProperties", &surface, eventProperties)
        on("lookupSegments", &surface, segmentPage)
        on("lookupFlows", &surface) { key, _ in try await titled([.flow], key) }
        on("lookupBanners", &surface) { key, _ in
            try await titled([.banner, .embed], key) { $0.kind == .banner || $0.type == .banner }
        }
        on("lookupEmbeds", &surface) { key, _ in try await titled([.banner, .embed], key, withType: true) }
        on("lookupSpotlights", &surface) { key, _ in try await titled([.spotlight], key) }
        on("lookupSurveys", &surface) { key, _ in try await surveys(key) }
        on("lookupResourceCenterModules", &surface) { key, _ in try await keyed(.resourceCenterModule, key) }
        on("lookupChecklists", &surface) { key, _ in try await keyed(.checklist, key) }
    }

    private func on(
        _ operationID: String, _ surface: inout SurfaceBuilder<Void>,
        _ lookup: @escaping @Sendable (EnvironmentKey, OperationRequest) async throws -> JSONValue
    ) {
        surface.on(operationID, allow: .export) { key, request in
            try await feed.catchUp(within: Self.patience)
            return .json(try await lookup(key, request))
        }
    }

    private func properties(of subject: ProfileSubject, _ key: EnvironmentKey) async throws -> JSONValue {
        let properties = try await catalogue.properties(of: subject, environmentID: key.environmentID)
        return .array(
            properties.map { property in
                [
                    "id": .integer(property.id), "type": subject == .user ? "user_property" : "company_property",
                    "key": .string(property.key), "display_name": .string(property.displayName),
                    "data_type": .string(property.dataType.name), "is_auto_property": false,
                ]
            })
    }

    /// The id of a feature is its tag id, which exported rows carry as `event_name`.
    private func featuresAndEvents(_ key: EnvironmentKey) async throws -> JSONValue {
        let events = try await catalogue.featuresAndEvents(environmentID: key.environmentID)
        return .array(
            events.map { event in
                [
                    "id": event.type == .trackFeature ? .string(event.name) : .integer(event.id),
                    "display_name": .string(event.displayName), "key": .string(event.name), "data_type": "string",
                    "type": .string(event.type.name),
                ]
            })
    }

    private func eventProperties(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> JSONValue {
        let page = try PageRequest(request)
        let (properties, total) = try await catalogue.eventProperties(
            environmentID: key.environmentID, after: page.after, limit: page.searchLimit)
        let rows = properties.prefix(page.limit).map { property -> JSONValue in
            let event: JSONValue =
                property.event.map { ["id": .integer($0.id), "display_name": .string($0.displayName)] }
                ?? ["id": nil, "display_name": "All events"]
            return [
                "id": property.isBuiltIn ? .string("\(property.id)") : .integer(property.id),
                "key": .string(property.key), "display_name": .string(property.displayName),
                "is_auto_property": .bool(property.isBuiltIn), "is_mobile_auto_property": false,
                "data_type": .string(property.dataType.name), "category": nil,
                "description": property.description.map { .string($0) } ?? .null,
                "is_archived": .bool(property.isArchived), "event": event,
                "inserted_at": .string(property.firstSeenAt.formatted(.secondsUTC)),
                "last_seen": .string(property.lastSeenAt.formatted(.secondsUTC)),
            ]
        }
        return page.answer(rows, found: properties.map(\.id), total: total)
    }

    private func segmentPage(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> JSONValue {
        let page = try PageRequest(request)
        let (segments, total) = try await segments.list(
            environmentID: key.environmentID, after: page.after ?? 0, limit: page.searchLimit)
        let rows = segments.prefix(page.limit).map { segment -> JSONValue in
            [
                "id": .integer(segment.id), "title": .string(segment.title), "usage": .string(segment.usage),
                "category": .string(segment.category), "is_hidden": .bool(segment.isHidden),
                "is_protected": .bool(segment.isProtected), "status": .string(segment.status.rawValue),
            ]
        }
        return page.answer(rows, found: segments.map(\.id), total: total)
    }

    private func titled(
        _ kinds: [ContentKind], _ key: EnvironmentKey, withType: Bool = false,
        where isIncluded: (Content) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        var rows: [JSONValue] = []
        for kind in kinds {
            for item in try await all(kind, key) where isIncluded(item) {
                var row: JSONValue = ["id": .integer(item.id), "title": .string(item.title)]
                if withType { row["type"] = .string(item.type?.rawValue ?? item.kind.rawValue) }
                rows.append(row)
            }
        }
        return .array(rows)
    }

    private func surveys(_ key: EnvironmentKey) async throws -> JSONValue {
        .array(
            try await all(.survey, key).map { survey in
                [
                    "id": .integer(survey.id), "title": .string(survey.title),
                    "platform": .string(survey.platform.rawValue), "modules": .array(survey.parts),
                ]
            })
    }

    private func keyed(_ kind: ContentKind, _ key: EnvironmentKey) async throws -> JSONValue {
        .array(
            try await all(kind, key).map { item in
                var row: JSONValue = [
                    "id": .integer(item.id), "display_name": .string(item.title), "key": .string(item.key),
                    "data_type": "string",
                ]
                if kind == .checklist { row["tasks"] = .array(item.parts) }
                return row
            })
    }

    /// What may stand in exported rows: drafts were never shown, archived content was. These lookups have no paging, so
    /// every page of the store is read.
    private func all(_ kind: ContentKind, _ key: EnvironmentKey) async throws -> [Content] {
        var items: [Content] = []
        while true {
            let (page, total) = try await content.list(
                environmentID: key.environmentID, kind: kind, after: items.last?.id ?? 0, limit: 500)
            items += page
            if page.isEmpty || items.count >= total { return items.filter { $0.status != .draft } }
        }
    }
}

/// The paging of two lookups, of which the vendor's descriptions differ: `cursor` holds `after`, and `before`, which is
/// null, as no parameter takes it.
private struct PageRequest {
    let after: Int64?
    let limit: Int

    private static let maximumLimit: Int64 = 1_000

    init(_ request: OperationRequest) throws(APIError) {
        let limit = request.query.integer("limit") ?? 50
        guard limit <= Self.maximumLimit else {
            throw APIError.invalid("limit", "limit must be between 1 and \(Self.maximumLimit).")
        }
        self.limit = Int(limit)
        if let cursor = request.query.string("after_cursor") {
            after = try PageCursor(text: cursor, field: "after_cursor").lastID
        } else {
            after = nil
        }
    }

    /// How many rows to look for: one more than the page holds tells whether another page follows.
    var searchLimit: Int { limit + 1 }

    /// - Parameters:
    ///   - rows: of the page.
    ///   - found: the ids that were found, in order, up to ``searchLimit``.
    func answer(_ rows: [JSONValue], found: [Int64], total: Int) -> JSONValue {
        let next = found.count > limit ? found[limit - 1] : nil
        return [
            "data": .array(rows),
            "metadata": [
                "cursor": ["after": next.map { .string(PageCursor(lastID: $0).text) } ?? .null, "before": nil],
                "limit": .integer(Int64(limit)), "total_count": .integer(Int64(total)),
                "total_count_cap_exceeded": false,
            ],
        ]
    }
}
