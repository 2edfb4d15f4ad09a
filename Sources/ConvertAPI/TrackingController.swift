import Contract
import Experiments
import Gateway
import HTTPTypes
import Identity
import JSON
import Serving
import ServingDocument

/// What visitors do, and what is known of them: `sendTrackingEvents`, `sendTrackingEventsSdkKey`, `getVisitorData`,
/// `getVisitorDataBySdkKey`.
struct TrackingController: Sendable {
    let configs: ConfigStore
    let tracker: Tracker
    let visitors: VisitorStore
    let access: ServingAccess

    /// Visitors and events of one request.
    private static let maximumWeight = 4_000
    /// Bytes of a transaction's id.
    private static let maximumTransactionIDBytes = 255

    func addRoutes(to surface: inout SurfaceBuilder<ServingCaller>) {
        // Nobody's body is read who names neither a key nor a project that is there.
        surface.on("sendTrackingEventsSdkKey", limits: .events, admit: admitKey) { caller, request in
            // SDKs do not send the secret along with events.
            let key = try await access.key(request.path("sdk_key"))
            return try await track(caller, request, key.projectID, key.accountID, environment: key.environment)
        }
        surface.on("sendTrackingEvents", limits: .events, admit: admitProject) { caller, request in
            try await track(
                caller, request, request.pathID("project_id"), request.pathID("account_id"), environment: nil)
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

    private func track(
        _ caller: ServingCaller, _ request: OperationRequest, _ projectID: Int64, _ accountID: Int64,
        environment: String?
    ) async throws -> OperationResponse {
        let served = try await served(projectID, accountID)
        let body = try request.namedJSON
        let batch = try Self.batch(body, projectID: projectID, accountID: accountID)
        guard !BotFilter.isBot(caller.userAgent) else {
            tracker.turnAway(batch, .bot)
            return Self.taken([.bot: batch.count])
        }
        guard !served.tracked.isBlocked(request.clientAddress) else {
            tracker.turnAway(batch, .address)
            return Self.taken([.address: batch.count])
        }
        guard !served.environments.isEmpty else {
            throw APIError.notFound("The project \(projectID) has no environment.")
        }
        do {
            let rejections = try await tracker.track(batch, project: served.tracked, environment: environment)
            return Self.taken(rejections)
        } catch TrackingError.overloaded {
            throw APIError.tooManyRequests("Too many events wait to be stored; try again.", retryAfterSeconds: 1)
        } catch TrackingError.failed {
            throw APIError.unavailable("The events could not be stored; try again.", retryAfterSeconds: 5)
        }
    }

    /// 200 whatever was dropped: SDKs would send it again.
    private static func taken(_ rejections: [TrackingRejection: Int]) -> OperationResponse {
        guard !rejections.isEmpty else { return .success("All events are stored.") }
        let reasons = rejections.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        return .success("Not stored: \(reasons.joined(separator: ", ")).")
    }

    private static func batch(_ body: JSONValue, projectID: Int64, accountID: Int64) throws(APIError) -> TrackingBatch {
        for (member, id) in [("projectId", projectID), ("accountId", accountID)] {
            guard let named = body[member]?.string, named != String(id) else { continue }
            throw APIError.invalid(member, "\(member) is \(named.prefix(64)), and the address is for \(id).")
        }
        var batch = TrackingBatch(isEnriched: body["enrichData"]?.bool ?? false, visitors: [])
        for (index, visitor) in (body["visitors"]?.array ?? []).enumerated() {
            let place = "visitors[\(index)]"
            var events: [TrackingBatch.Event] = []
            for (number, event) in (visitor["events"]?.array ?? []).enumerated() {
                events.append(try Self.event(event, "\(place).events[\(number)]"))
            }
            batch.visitors.append(
                TrackingBatch.Visitor(
                    id: visitor["visitorId"]?.string ?? "",
                    segments: VisitorSegments(visitor["segments"]?.object ?? JSONObject()), events: events))
        }
        guard batch.weight <= maximumWeight else {
            throw APIError.invalid(
                "visitors", "visitors: a request may hold at most \(maximumWeight) visitors and events together.")
        }
        return batch
    }

    private static func event(_ event: JSONValue, _ place: String) throws(APIError) -> TrackingBatch.Event {
        let data = event["data"] ?? [:]
        func id(_ member: String) throws(APIError) -> Int64 {
            guard let text = data[member]?.string else {
                throw APIError.invalid("\(place).data.\(member)", "\(place).data.\(member) is required.")
            }
            return Int64(text) ?? 0
        }
        switch event["eventType"]?.string {
        case "bucketing":
            return .bucketing(experienceID: try id("experienceId"), variationID: try id("variationId"))
        case "conversion":
            var conversion = TrackingBatch.Conversion(goalID: try id("goalId"))
            for (experience, variation) in data["bucketingData"]?.object ?? JSONObject() {
                guard let experience = Int64(experience), let variation = variation.string.flatMap(Int64.init) else {
                    continue
                }
                conversion.buckets[experience] = variation
            }
            for entry in data["goalData"]?.array ?? [] {
                let value = entry["value"] ?? .null
                switch entry["key"]?.string {
                case "amount": conversion.revenue = try number(value, place)
                case "productsCount":
                    conversion.productsCount = Int64(exactly: try number(value, place).rounded(.towardZero))
                case "transactionId": conversion.transactionID = try transactionID(value, place)
                default: break
                }
            }
            return .conversion(conversion)
        default:
            throw APIError.invalid("\(place).eventType", "\(place).eventType must be bucketing or conversion.")
        }
    }

    private static func transactionID(_ value: JSONValue, _ place: String) throws(APIError) -> String? {
        let id = value.string ?? value.encodedString
        guard id.utf8.count <= maximumTransactionIDBytes else {
            throw APIError.invalid(
                "\(place).data.goalData",
                "\(place).data.goalData: a transactionId may have at most \(maximumTransactionIDBytes) bytes.")
        }
        return id.isEmpty ? nil : id
    }

    /// SDKs send numbers, and some numbers as text.
    private static func number(_ value: JSONValue, _ place: String) throws(APIError) -> Double {
        guard let number = value.double ?? value.string.flatMap(Double.init), number.isFinite else {
            throw APIError.invalid("\(place).data.goalData", "\(place).data.goalData: the value must be a number.")
        }
        return number
    }
}
