import Gateway
import HTTPTypes
import Identity
import JSON
import Serving
import Targeting
import Text

/// Decisions for programs without an SDK: `decide`.
struct DecisionController: Sendable {
    let configs: ConfigStore
    let tracker: Tracker
    let visitors: VisitorStore

    /// One visitor's attributes are read where the request is.
    private static let limits = OperationLimits(bodyBytes: 1_024 * 1_024, recognizesBody: true)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("decide", allow: .decide.fromPages, limits: Self.limits) { scope, request in
            try await decide(request, projectID: scope.projectID, environment: scope.environment)
        }
    }

    private func decide(
        _ request: OperationRequest, projectID: Int64, environment: String?
    ) async throws -> OperationResponse {
        guard let (served, plan) = try await configs.plan(projectID, environment: environment) else {
            throw APIError.notFound("There is no project \(projectID) any more.")
        }
        let body = try request.namedJSON
        let visitorID = body["visitor_id"]?.string ?? ""
        let only = body["experiences"]?.array.map { Set($0.compactMap { $0.string.map { ClientText($0) } }) }
        let known = try await visitors.visitor(visitorID, projectID: projectID)
        var facts = VisitorFacts(
            attributes: Self.members(body["attributes"]), locationAttributes: Self.members(body["location"]),
            visitorID: visitorID)
        for (experience, variation) in known?.buckets ?? [:] {
            facts.buckets[ClientText(String(experience))] = String(variation)
        }
        let segments = known?.segments.members["customSegments"]?.array?.compactMap(\.string) ?? []
        facts.segments = Set(segments.map { ClientText($0) })
        let decided = try await Self.decide(plan, facts, only, for: request)
        let decisions = decided.made
        if body["record"]?.bool == true {
            try await record(
                decisions.filter(\.isNew), visitorID, served, environment: environment,
                isBlocked: served.tracked.isBlocked(request.clientAddress))
        }
        var answer = Self.show(decisions, plan.features(decisions), visitorID)
        if !decided.undecidedKeys.isEmpty {
            answer["undecided"] = .array(decided.undecidedKeys.map { .string($0) })
        }
        let missing = (only ?? []).subtracting(plan.keys).sorted().map { key in
            (key.string, served.isAtRest(key, environment: environment) ? "not_running" : "unknown")
        }
        let notDecided = missing + decided.undecidedKeys.map { ($0, "work") }
        if !notDecided.isEmpty {
            answer["not_decided"] = .array(notDecided.map { ["key": .string($0.0), "reason": .string($0.1)] })
        }
        return .json(answer)
    }

    /// Steps that nobody has to wait for, about two milliseconds.
    private static let shortSteps = 2_000_000
    /// The most steps of a decision.
    private static let maximumSteps = 50_000_000

    /// Decides where the request is; what takes longer is done anew elsewhere, so that others are answered meanwhile.
    private static func decide(
        _ plan: DecisionPlan, _ facts: VisitorFacts, _ only: Set<ClientText>?, for request: OperationRequest
    ) async throws -> Decisions {
        let quick = plan.decide(facts, only: only, RuleEvaluation(maximumSteps: shortSteps))
        guard !quick.undecidedKeys.isEmpty else { return quick }
        return try await request.longWork {
            plan.decide(facts, only: only, RuleEvaluation(maximumSteps: maximumSteps))
        }
    }

    private func record(
        _ decisions: [Decision], _ visitorID: String, _ served: ServedRevision, environment: String?,
        isBlocked: Bool
    ) async throws {
        guard !decisions.isEmpty else { return }
        let events = decisions.map { decision in
            TrackingBatch.Event.bucketing(
                experienceID: Int64(decision.experienceID) ?? 0, variationID: Int64(decision.variationID) ?? 0)
        }
        let visitor = TrackingBatch.Visitor(id: visitorID, events: events)
        let batch = TrackingBatch(isEnriched: true, visitors: [visitor])
        if isBlocked { return tracker.turnAway(batch, .address) }
        do {
            _ = try await tracker.track(batch, project: served.tracked, environment: environment)
        } catch TrackingError.overloaded {
            throw APIError.tooManyRequests("Too many events wait to be stored; try again.", retryAfterSeconds: 1)
        } catch TrackingError.failed {
            throw APIError.unavailable("The views could not be stored; try again.", retryAfterSeconds: 5)
        }
    }

    private static func members(_ value: JSONValue?) -> [ClientText: JSONValue] {
        var members: [ClientText: JSONValue] = [:]
        for (name, value) in value?.object ?? JSONObject() { members[ClientText(name)] = value }
        return members
    }

    private static func show(
        _ decisions: [Decision], _ features: [FeatureDecision], _ visitorID: String
    ) -> JSONValue {
        [
            "visitor_id": .string(visitorID),
            "experiences": .array(
                decisions.map { decision in
                    [
                        "id": .string(decision.experienceID), "key": .string(decision.experienceKey),
                        "name": .string(decision.experienceName),
                        "variation": [
                            "id": .string(decision.variationID), "key": .string(decision.variationKey),
                            "name": .string(decision.variationName),
                        ],
                    ]
                }),
            "features": .array(
                features.map { feature in
                    [
                        "id": .string(feature.id), "key": .string(feature.key), "name": .string(feature.name),
                        "status": .string(feature.experienceKey == nil ? "disabled" : "enabled"),
                        "experience_key": feature.experienceKey.map { .string($0) } ?? .null,
                        "variables": .object(feature.variables),
                    ]
                }),
        ]
    }
}
