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
    let access: ServingAccess
    let rejections: IngestionRejections
    let clock: WallClock

    /// Each visitor and each event is read by itself.
    private static let limits = OperationLimits(bodyCheck: .none, recognizesBody: true)

    func addRoutes(to surface: inout SurfaceBuilder<ServingCaller>) {
        // Nobody's body is read who names neither a key nor a project that is there.
        surface.on("sendTrackingEventsSdkKey", limits: Self.limits, admit: admitKey) { caller, request in
            // SDKs do not send the secret along with events.
            let key = try await access.key(request.path("sdk_key"))
            return try await track(
                caller, request, TrackingBody.read(request), projectID: key.projectID, accountID: key.accountID,
                environment: key.environment)
        }
        surface.on("sendTrackingEvents", limits: Self.limits, admit: admitProject) { caller, request in
            try await track(
                caller, request, TrackingBody.read(request), projectID: request.pathID("project_id"),
                accountID: request.pathID("account_id"), environment: nil)
        }
        surface.on("sendNamedTrackingEvents", limits: Self.limits) { caller, request in
            try await trackNamed(caller, request, TrackingBody.read(request))
        }
        surface.on("getVisitorDataBySdkKey") { caller, request in
            let key = try await access.access(caller, request)
            return try await visitor(request, projectID: key.projectID)
        }
        surface.on("getVisitorData") { _, request in
            let (accountID, id) = (try request.pathID("account_id"), try request.pathID("project_id"))
            guard let served = try await configs.project(id), served.project.accountID == accountID,
                served.project.project["settings"]?["disable_default_config"] != true
            else { throw APIError.notFound("There is no project \(id) in the account \(accountID).") }
            return try await visitor(request, projectID: id)
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

    private func admitKey(_ path: PathParameters) async throws {
        _ = try await access.key(path.path("sdk_key"))
    }

    private func admitProject(_ path: PathParameters) async throws {
        _ = try await served(path.pathID("project_id"), path.pathID("account_id"))
    }

    private func served(_ projectID: Int64, _ accountID: Int64) async throws -> ServedRevision {
        guard let served = try await configs.project(projectID), served.project.accountID == accountID else {
            throw APIError.notFound("There is no project \(projectID) in the account \(accountID).")
        }
        return served
    }

    /// Account and project are in the body.
    func trackNamed(
        _ caller: ServingCaller, _ request: OperationRequest, _ body: TrackingBody
    ) async throws -> OperationResponse {
        var ids: [Int64] = []
        for (member, text) in [("accountId", body.accountID), ("projectId", body.projectID)] {
            guard let text, let id = Int64(text), id > 0 else {
                throw APIError.invalid(
                    member,
                    "\(member) is required at this address; or send to /track/SDK_KEY or /track/ACCOUNT/PROJECT.")
            }
            ids.append(id)
        }
        return try await track(caller, request, body, projectID: ids[1], accountID: ids[0], environment: nil)
    }

    private func track(
        _ caller: ServingCaller, _ request: OperationRequest, _ body: TrackingBody, projectID: Int64, accountID: Int64,
        environment: String?
    ) async throws -> OperationResponse {
        let served = try await served(projectID, accountID)
        try body.check(projectID: projectID, accountID: accountID)
        let batch = body.batch
        guard !BotFilter.isBot(caller.userAgent) else {
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
