public import ControlStore
public import EventStore
import JSON
import Metrics
public import Projections

/// Follows the product events: track events that reach goals are noted, to be counted by the ``Tracker``; identify calls
/// tell which visitors of experiments a user is.
public struct GoalProjection: StoredProjection {
    public static let kind = SetAsideKind.goals

    public let store: ControlStore
    private let project: @Sendable (_ projectID: Int64) async throws -> ServedRevision?

    /// - Parameter project: as it is now; nil when there is none.
    public init(
        store: ControlStore, project: @escaping @Sendable (_ projectID: Int64) async throws -> ServedRevision?
    ) {
        self.store = store
        self.project = project
    }

    public func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws {
        // Rules may take their time, which nobody who writes should wait for.
        let goals = try await goals(ofProjectsIn: events)
        let found = await find(in: events, goals.known)
        let step = try step.settingAside(goals.unknown, in: events)
        try await store.write { database in
            _ = try step.take(Self.kind, in: database) {
                for join in found.joins { try join.insert(into: database) }
                for goal in found.goals { try goal.insert(into: database) }
            }
        }
    }

    /// What some events tell.
    private struct Found: Sendable {
        var joins: [JoinedVisitors.Join] = []
        var goals: [ReachedGoal] = []
        /// Events whose rules took more than an event may.
        var unjudged = 0
    }

    private static let unjudged = Counter(
        label: "sextant_experiment_events_rejected_total",
        dimensions: [("reason", TrackingRejection.rules.rawValue)])

    /// Events judged before others get their turn.
    private static let eventsAtOnce = 64

    private func find(in events: [CommittedEvents], _ goals: [Int64: ProductGoals]) async -> Found {
        var found = Found()
        for committed in events {
            for (number, index) in committed.indices.enumerated() {
                if number % Self.eventsAtOnce == Self.eventsAtOnce - 1 { await Task.yield() }
                let event = committed.batch[index]
                switch event.type {
                case .identifyUser: found.joins += Self.join(event).map { [$0] } ?? []
                case .track:
                    guard let goals = goals[event.projectID] else { continue }
                    let (reached, isExceeded) = Self.reached(event, goals)
                    if isExceeded {
                        found.unjudged += 1
                        // Others get their turn at once: this one has taken long.
                        await Task.yield()
                    }
                    found.goals += reached
                    // Whoever goes takes what they did along.
                    if !reached.isEmpty { found.joins += Self.join(event).map { [$0] } ?? [] }
                default: break
                }
            }
        }
        if found.unjudged > 0 { Self.unjudged.increment(by: found.unjudged) }
        return found
    }

    /// Of the projects that have any, and the projects that cannot be read.
    private func goals(
        ofProjectsIn events: [CommittedEvents]
    ) async throws -> (known: [Int64: ProductGoals], unknown: [Int64: UnservableProject]) {
        var projectIDs: Set<Int64> = []
        for committed in events {
            for index in committed.indices where committed.batch[index].type == .track {
                projectIDs.insert(committed.batch[index].projectID)
            }
        }
        var goals: [Int64: ProductGoals] = [:]
        var unknown: [Int64: UnservableProject] = [:]
        for id in projectIDs {
            do {
                if let found = try await project(id)?.productGoals, !found.isEmpty { goals[id] = found }
            } catch let error as UnservableProject {
                guard error.isSetAside else { throw error }
                unknown[id] = error
            }
        }
        return (goals, unknown)
    }

    private static func reached(
        _ event: EventView, _ goals: ProductGoals
    ) -> (goals: [ReachedGoal], isExceeded: Bool) {
        var parsed: JSONObject?
        func properties() -> JSONObject {
            if let parsed { return parsed }
            let properties = Self.properties(of: event)
            parsed = properties
            return properties
        }
        let reached = goals.reached(by: event, properties)
        let found = reached.goalIDs.map { ReachedGoal($0, event, properties()) }
        // Somebody has to have reached it.
        return (found.filter { $0.userID != nil || $0.visitorID != nil }, reached.isExceeded)
    }

    static func properties(of event: EventView) -> JSONObject {
        event[.properties].flatMap { try? JSONValue(stored: $0).object } ?? JSONObject()
    }

    private static func join(_ event: EventView) -> JoinedVisitors.Join? {
        let named = event.withUTF8(of: .properties) { bytes -> JSONValue? in
            guard let bytes, let document = try? JSONDocument(stored: UnsafeRawBufferPointer(bytes)) else {
                return Optional.none
            }
            return document.root[JoinedVisitors.property]?.value
        }
        guard let visitorID = named.flatMap(JoinedVisitors.visitorID), let userID = event[.userID] else { return nil }
        return JoinedVisitors.Join(
            userID: userID, visitorID: visitorID, environmentID: event.environmentID, time: event.receivedAt)
    }
}

extension ProjectionStep {
    /// The step that also sets aside the track events of projects whose goals nobody can tell: their other events, and
    /// those of others, are applied in one go all the same.
    fileprivate func settingAside(
        _ projects: [Int64: UnservableProject], in events: [CommittedEvents]
    ) throws(UnservableProject) -> Self {
        guard let any = projects.values.first else { return self }
        guard case .advance(let position, var unapplied) = self else { throw any }
        for committed in events {
            for (index, identifier) in zip(committed.indices, committed.identifiers) {
                let event = committed.batch[index]
                guard event.type == .track, let reason = projects[event.projectID] else { continue }
                unapplied.append(
                    UnappliedEvent(identifier: identifier, event: event, reason: reason.description, attempts: 1))
            }
        }
        return .advance(to: position, settingAside: unapplied)
    }
}
