import ControlStore
import EventStore
import Time

/// What a transaction decides to store: events with their ids, and what they add to the traffic of experiences.
struct KeptEvents {
    private(set) var count = 0
    /// Rows of the event store: one an experience that an event counts for.
    private(set) var rowCount = 0
    private let identifiers: ExposureIdentifiers
    private var events: [ExperimentEvent] = []
    private var traffic = AddedTraffic()

    init(_ identifiers: ExposureIdentifiers) {
        self.identifiers = identifiers
    }

    /// Where an event comes from.
    struct Origin {
        let projectID: Int64
        let environmentID: Int64
        let visitorID: String
        let occurredAt: Timestamp
        let receivedAt: Timestamp
    }

    mutating func keep(_ kept: TrackingDecision.Kept, from origin: Origin, at now: Timestamp) {
        count += 1
        rowCount += max(kept.assignments.count, 1)
        traffic.count(kept, projectID: origin.projectID)
        events.append(
            ExperimentEvent(
                id: identifiers.next(at: now), environmentID: origin.environmentID, projectID: origin.projectID,
                kind: kept.kind, occurredAt: origin.occurredAt, receivedAt: origin.receivedAt,
                visitorID: origin.visitorID, assignments: kept.assignments, goalID: kept.conversion?.goalID,
                revenue: kept.conversion?.revenue, productsCount: kept.conversion?.productsCount,
                transactionID: kept.conversion?.transactionID, segments: kept.segments))
    }

    /// Adds to the traffic, and writes the events into the outbox.
    func save(in database: Database) throws -> [ExposureOutbox.Piece] {
        try traffic.save(in: database)
        return try ExposureOutbox.write(events, in: database)
    }
}
