import Contract
import EventStore
import Features
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Tracked features: the base's list with counts of use, and the vendor's tree.
struct FeatureController: Sendable {
    let features: FeatureStore
    let events: EventStore
    /// Has counts take in what was sent before the call.
    let feed: ProjectionFeed
    let clock: WallClock

    private static let patience = Duration.seconds(10)
    private static let maximumDays: Int64 = 7
    /// What moves a feature to the top of the tree.
    private static let root = "ROOT"

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listFeatures", allow: .readOfGainsight, list)
        surface.on("listFeatureCatalog", allow: .readOfGainsight) { key, request in
            try await page(key, request, isExtended: false)
        }
        surface.on("listFeaturesExtended", allow: .readOfGainsight) { key, request in
            try await page(key, request, isExtended: true)
        }
        surface.on("getFeature", allow: .readOfGainsight) { key, request in
            .json(Self.node(try await find(request.path("featureId"), key), key, isExtended: false))
        }
        surface.on("putFeature", allow: .manageOfGainsight, change)
        surface.on(
            "getFeatureAdoption", allow: .readOfGainsight, limits: OperationLimits(endsWithCaller: true), adoption)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        try await feed.catchUp(within: Self.patience)
        let page = try ScrolledPage(request)
        let (found, total) = try await features.page(
            environmentID: key.environmentID, after: page.after, limit: page.size)
        let rows = found.map { feature -> JSONValue in
            [
                "id": .string(feature.tag), "name": .string(feature.name),
                "type": .string(feature.kind.rawValue.uppercased()),
                "url": .string(feature.elements.lazy.compactMap(\.url).first ?? ""),
                "totalUserCount": .integer(Int64(feature.userCount)),
                "totalEventCount": .integer(Int64(feature.eventCount)),
            ]
        }
        return .json(page.json(rows, lastID: found.last?.id, total: total))
    }

    private func page(
        _ key: EnvironmentKey, _ request: OperationRequest, isExtended: Bool
    ) async throws -> OperationResponse {
        try await feed.catchUp(within: Self.patience)
        let page = try NumberedPage(request, standardSize: 25)
        // A key opens one product.
        if let product = request.query.string("propertyKey"), !product.utf8.elementsEqual(key.appToken.utf8) {
            return .json(page.json("features", [], total: 0))
        }
        let (found, total) = try await features.page(
            environmentID: key.environmentID, offset: page.offset, limit: page.size)
        return .json(page.json("features", found.map { Self.node($0, key, isExtended: isExtended) }, total: total))
    }

    private func change(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let tag = try request.path("featureId")
        let body = try request.json
        var changes = FeatureChanges()
        changes.name = body["name"]?.string
        if let parent = body["parentFeatureId"]?.string {
            changes.parentTag = .some(parent == Self.root ? nil : parent)
        }
        guard try await features.update(tag, changes, environmentID: key.environmentID) != nil else {
            throw Self.missing(tag)
        }
        return .noContent
    }

    private func adoption(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let feature = try await find(request.path("featureId"), key)
        func time(_ name: String) -> Timestamp? {
            request.query.integer(name).flatMap { Timestamp(gainsight: .integer($0)) }
        }
        let end = time("dateRangeEnd") ?? clock.now
        let start = time("dateRangeStart") ?? end.adding(seconds: -Self.maximumDays * 86_400)
        guard start <= end else {
            throw APIError.invalid("dateRangeStart", "dateRangeStart must not be after dateRangeEnd.")
        }
        guard end.seconds - start.seconds <= Self.maximumDays * 86_400 else {
            throw APIError.invalid("dateRangeStart", "Exceeded date range\(Self.maximumDays)days")
        }
        let isOther = request.query.string("propertyKey").map { !$0.utf8.elementsEqual(key.appToken.utf8) } ?? false
        // Up to and with the millisecond that is named.
        let span = start..<Timestamp(microseconds: (end.milliseconds + 1) * 1_000)
        let use =
            isOther ? nil : try await events.use(ofFeature: feature.tag, environmentID: key.environmentID, in: span)
        return .json([
            "featureId": .string(feature.tag), "featureName": .string(feature.name),
            "dateRangeStart": .integer(start.milliseconds), "dateRangeEnd": .integer(end.milliseconds),
            "propertyKey": .string(request.query.string("propertyKey") ?? key.appToken),
            "totalEventCount": .integer(Int64(use?.events ?? 0)),
            "uniqueUserCount": .integer(Int64(use?.users ?? 0)),
            "uniqueAccountCount": .integer(Int64(use?.companies ?? 0)),
        ])
    }

    private func find(_ tag: String, _ key: EnvironmentKey) async throws -> TrackedFeature {
        try await feed.catchUp(within: Self.patience)
        guard let found = try await features.feature(tag, environmentID: key.environmentID) else {
            throw Self.missing(tag)
        }
        return found
    }

    private static func missing(_ tag: String) -> APIError {
        .notFound("Feature was not found for parameters {id=\(tag)}")
    }

    /// Contract schema `FeatureNode`.
    private static func node(_ feature: TrackedFeature, _ key: EnvironmentKey, isExtended: Bool) -> JSONValue {
        let labels = (feature.labels.array ?? []).enumerated().map { index, label -> JSONValue in
            ["id": .string("\(index)"), "name": label["name"] ?? "", "color": label["color"] ?? ""]
        }
        var members = JSONObject([
            ("id", .string(feature.tag)), ("name", .string(feature.name)),
            ("type", .string(feature.kind.rawValue.uppercased())),
            ("parentFeatureId", feature.parentTag.map { .string($0) } ?? .null),
            ("propertyKey", .string(key.appToken)), ("status", feature.isActive ? "ACTIVATED" : "DELETED"),
            ("featureLabels", .array(labels)),
        ])
        if isExtended {
            members["mappedElements"] = .array(
                feature.elements.enumerated().map { index, element in element.mapped(index) })
        }
        return .object(members)
    }
}

extension FeatureElement {
    fileprivate func mapped(_ index: Int) -> JSONValue {
        let (eventType, type): (JSONValue, JSONValue) =
            if eventName != nil { ("CUSTOM_EVENT", "CUSTOM_EVENT") } else if text != nil {
                ("CLICK", "TEXT_ELEMENT")
            } else if element != nil { ("CLICK", "TAG") } else { ("PAGE_VIEW", "URL") }
        return [
            "id": .string("\(index)"), "name": .string(name), "eventType": eventType,
            "state": isEnabled ? "ENABLED" : "DISABLED", "type": type,
        ]
    }
}
