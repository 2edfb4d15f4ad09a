import Contract
import Events
import Features
import Gateway
import HTTPTypes
import Identity
import JSON
import Jobs
import Time

/// Features looked for in the past.
struct FeatureHistoryController: Sendable {
    let features: FeatureStore
    let history: FeatureHistory

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("applyFeature", allow: .manage, apply)
        surface.on("getFeatureApplication", allow: .read) { key, request in
            let tag = try request.path("tag")
            guard let job = try await history.newest(tag, environmentID: key.environmentID) else {
                throw APIError.notFound("Feature \(tag) has not been applied to the past within 30 days.")
            }
            return .json(Self.json(job, tag))
        }
        surface.on("cancelFeatureApplication", allow: .manage) { key, request in
            let tag = try request.path("tag")
            guard try await history.cancel(tag, environmentID: key.environmentID) else {
                throw APIError.notFound("Feature \(tag) is not being applied to the past.")
            }
            return .noContent
        }
    }

    private func apply(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let tag = try request.path("tag")
        let since = try request.json["since"]?.string.map { text in
            guard let time = Timestamp(text) else {
                throw APIError.invalid("since", "since must be an ISO 8601 time such as 2026-05-11T07:45:30Z.")
            }
            return time
        }
        guard let feature = try await features.feature(tag, environmentID: key.environmentID) else {
            throw FeaturesController.missing(tag)
        }
        guard feature.isActive, let countsSince = feature.countsSince else {
            throw APIError.invalid(
                "elements", "Feature \(tag) has no elements, or is not active: there is nothing to look for.")
        }
        do {
            let job = try await history.start(
                tag, countsSince: countsSince, countsFrom: feature.countsFrom, since: since, in: key.stream)
            guard let job else { throw FeaturesController.missing(tag) }
            return .json(Self.json(job, tag), status: .accepted)
        } catch JobError.alreadyRunning {
            throw APIError.conflict(
                "Feature \(tag) is being applied to the past already; wait until that is done, or cancel it.")
        }
    }

    private static func json(_ job: FeatureHistoryJob, _ tag: String) -> JSONValue {
        func time(_ time: Timestamp?) -> JSONValue { time.map { .time($0) } ?? .null }
        func count(_ count: Int?) -> JSONValue { count.map { .integer(Int64($0)) } ?? .null }
        return [
            "tag": .string(tag), "state": .string(job.state.rawValue), "since": time(job.since),
            "total_events": count(job.progress?.totalEvents), "examined_events": count(job.progress?.examinedEvents),
            "added_uses": count(job.progress?.addedUses), "limited_events": count(job.progress?.limitedEvents),
            "error": .text(job.error), "created_at": .time(job.createdAt), "started_at": time(job.startedAt),
            "finished_at": time(job.finishedAt),
        ]
    }
}
