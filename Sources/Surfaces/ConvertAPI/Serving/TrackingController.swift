import Contract
import ControlStore
import Gateway
import HTTPTypes
import Identity
import JSON
import Serving
import ServingDocument
import Time

/// What visitors do, and what is known of them: `sendTrackingEvents`, `sendTrackingEventsSdkKey`,
/// `sendNamedTrackingEvents`, `getVisitorData`, `getVisitorDataBySdkKey`.
struct TrackingController: Sendable {
    let configs: ConfigStore
    let tracker: Tracker
    let visitors: VisitorStore
    let rejections: IngestionRejections
    let clock: WallClock

    /// Each visitor and each event is read by itself.
    private static let limits = OperationLimits(bodyCheck: .none, recognizesBody: true)

    func addRoutes(to surface: inout SurfaceBuilder<ConfigStore>) {
        surface.on("sendTrackingEventsSdkKey", allow: .sdkKey.fromPages, limits: Self.limits) { key, request in
            let served = try await configs.served(key.projectID, accountID: key.accountID)
            return try await track(request, TrackingBody.read(request), served, environment: key.environment)
        }
        surface.on("sendTrackingEvents", allow: .anyone.fromPages, limits: Self.limits) { served, request in
            try await track(request, TrackingBody.read(request), served, environment: nil)
        }
        surface.on("sendNamedTrackingEvents", allow: .anyoneNaming.fromPages, limits: Self.limits) { _, request in
            try await trackNamed(request, TrackingBody.read(request))
        }
        surface.on("getVisitorDataBySdkKey", allow: .sdkKeyWithSecret.fromPages) { key, request in
            try await visitor(request, projectID: key.projectID)
        }
        surface.on("getVisitorData", allow: .anyoneUnlessKeysAreRequired.fromPages) { _, request in
            try await visitor(request, projectID: request.pathID("project_id"))
        }
    }

    /// What visitors sent of themselves, in words (contract schema `VisitorDataResponseData`).
    private func visitor(_ request: OperationRequest, projectID: Int64) async throws -> OperationResponse {
        var data = JSONObject()
        if let known = try await visitors.visitor(request.path("visitor_id"), projectID: projectID) {
            for (name, value) in known.segments.members {
                data[name] = .string(
                    value.string ?? (value.array ?? []).compactMap(\.string).joined(separator: ","))
            }
        }
        var response = OperationResponse.json(["data": .object(data), "default": [:]])
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Account and project are in the body.
    func trackNamed(_ request: OperationRequest, _ body: TrackingBody) async throws -> OperationResponse {
        var ids: [Int64] = []
        for (member, text) in [("accountId", body.accountID), ("projectId", body.projectID)] {
            guard let text, let id = Int64(text), id > 0 else {
                throw APIError.invalid(
                    member,
                    "\(member) is required at this address; or send to /track/SDK_KEY or /track/ACCOUNT/PROJECT.")
            }
            ids.append(id)
        }
        return try await track(request, body, configs.served(ids[1], accountID: ids[0]), environment: nil)
    }

    private func track(
        _ request: OperationRequest, _ body: TrackingBody, _ served: ServedRevision, environment: String?
    ) async throws -> OperationResponse {
        let projectID = served.tracked.id
        try body.check(projectID: projectID, accountID: served.project.accountID)
        let batch = body.batch
        guard !BotFilter.isBot(request.headers[.userAgent] ?? "") else {
            tracker.turnAway(batch, .bot)
            return TrackingAnswerBody.response([.bot: batch.count])
        }
        guard !served.tracked.isBlocked(request.clientAddress) else {
            tracker.turnAway(batch, .address)
            return TrackingAnswerBody.response([.address: batch.count])
        }
        guard !served.environments.isEmpty else {
            throw APIError.notFound("The project \(projectID) has no environment.")
        }
        do {
            let rejections = try await tracker.track(batch, project: served.tracked, environment: environment)
            report(rejections, body, environmentID: served.tracked.environmentID(environment))
            return TrackingAnswerBody.response(rejections, leavingOut: batch.leftOut)
        } catch TrackingError.overloaded {
            throw APIError.tooManyRequests("Too many events wait to be stored; try again.", retryAfterSeconds: 1)
        } catch TrackingError.failed {
            throw APIError.unavailable("The events could not be stored; try again.", retryAfterSeconds: 5)
        }
    }

    /// Lists what somebody should look at: SDKs show nobody what they are answered.
    private func report(_ rejections: [TrackingRejection: Int], _ body: TrackingBody, environmentID: Int64) {
        let refused = rejections.filter { $0.key.isMistake }.map { ($0.key.rawValue, $0.value) }
        for (reason, count) in refused + body.batch.leftOut.map({ ($0.key.rawValue, $0.value) }) {
            self.rejections.record(
                environmentID: environmentID, reason: "tracking_\(reason)", count: count, at: clock.now,
                detail: body.details[reason])
        }
    }
}
