import ControlStore
import EventStore
import JSON
import Time

/// What the event store does not take of the outbox.
extension SetAsideEntry {
    /// An event that it refuses.
    init(_ event: ExperimentEvent, _ reason: String) {
        self.init(
            kind: .experimentEvent, environmentID: event.environmentID, subject: event.id.description,
            userID: event.visitorID, receivedAt: event.receivedAt, reason: reason, attempts: 3,
            content: ExperimentEvent.encoded([event]))
    }

    /// One element of a piece, which is no event that this version knows.
    init(_ element: JSONValue, number: Int, of piece: Int64, _ error: any Error) {
        self.init(
            kind: .experimentEvent, environmentID: element["environment"]?.int64,
            projectID: element["project"]?.int64, subject: element["id"]?.string ?? "outbox \(piece) \(number)",
            userID: element["visitor"]?.string,
            receivedAt: element["received_at"]?.int64.map { Timestamp(microseconds: $0) }, reason: "\(error)",
            attempts: 1, content: JSONValue.array([element]).encoded())
    }

    /// A piece of which nobody knows what it holds, and whose.
    init(_ written: [UInt8], of piece: Int64, _ reason: String) {
        self.init(
            kind: .experimentEvent, environmentID: nil, subject: "outbox \(piece)", reason: reason, attempts: 1,
            content: written)
    }
}
