public import ControlStore
public import EventStore
import GRDB
import JSON

/// Follows the product events: track events that reach goals are noted, to be counted by the ``Tracker``; identify calls
/// tell which visitors of experiments a user is.
public struct GoalProjection: EventProjection {
    private let store: ControlStore
    private let project: @Sendable (_ projectID: Int64) async throws -> ServedRevision?

    /// The name its position is stored under.
    static let name = "goals"

    /// - Parameter project: as it is now; nil when there is none.
    public init(
        store: ControlStore, project: @escaping @Sendable (_ projectID: Int64) async throws -> ServedRevision?
    ) {
        self.store = store
        self.project = project
    }

    public func position() async throws -> EventIdentifier? {
        try await store.database.read { try ProjectionPosition.read(Self.name, from: $0) }
            .flatMap { EventIdentifier($0) }
    }

    public func apply(_ events: [CommittedEvents], movingTo position: EventIdentifier) async throws {
        let goals = try await goals(ofProjectsIn: events)
        try await store.database.write { database in
            if let stored = try ProjectionPosition.read(Self.name, from: database).flatMap({ EventIdentifier($0) }),
                stored >= position
            {
                return
            }
            for committed in events {
                for index in committed.indices {
                    let event = committed.batch[index]
                    switch event.type {
                    case .identifyUser: try join(event, in: database)
                    case .track: try goals[event.projectID].map { try note(event, $0, in: database) }
                    default: break
                    }
                }
            }
            try ProjectionPosition.move(Self.name, to: position.description, in: database)
        }
    }

    /// Of the projects that have any.
    private func goals(ofProjectsIn events: [CommittedEvents]) async throws -> [Int64: ProductGoals] {
        var projectIDs: Set<Int64> = []
        for committed in events {
            for index in committed.indices where committed.batch[index].type == .track {
                projectIDs.insert(committed.batch[index].projectID)
            }
        }
        var goals: [Int64: ProductGoals] = [:]
        for id in projectIDs {
            if let found = try await project(id)?.productGoals, !found.isEmpty { goals[id] = found }
        }
        return goals
    }

    private func note(_ event: EventView, _ goals: ProductGoals, in database: Database) throws {
        var parsed: JSONObject?
        func properties() -> JSONObject {
            if let parsed { return parsed }
            let properties = Self.properties(of: event)
            parsed = properties
            return properties
        }
        for goalID in goals.reached(by: event, properties) {
            let reached = ReachedGoal(goalID, event, properties())
            // Somebody has to have reached it.
            if reached.userID != nil || reached.visitorID != nil { try reached.insert(into: database) }
        }
    }

    static func properties(of event: EventView) -> JSONObject {
        event[.properties].flatMap { try? JSONValue(parsing: $0).object } ?? JSONObject()
    }

    private func join(_ event: EventView, in database: Database) throws {
        let named = event.withUTF8(of: .properties) { bytes -> JSONValue? in
            guard let bytes, let document = try? JSONDocument(parsing: UnsafeRawBufferPointer(bytes)) else {
                return Optional.none
            }
            return document.root[JoinedVisitors.property]?.value
        }
        let visitorID = named.flatMap(JoinedVisitors.visitorID)
        guard let visitorID, let userID = event[.userID] else { return }
        try JoinedVisitors.join(
            userID, visitorID, environmentID: event.environmentID, at: event.receivedAt, in: database)
    }
}
