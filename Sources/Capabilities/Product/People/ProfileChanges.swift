import EventStore
import JSON
import Text
import Time

/// What some events change about profiles, gathered before the store is touched: one entry a profile, however many
/// events there are.
struct ProfileChanges {
    struct Subject: Hashable {
        let environmentID: Int64
        let id: ClientText
    }

    struct Change {
        var firstSeenAt: Int64
        var lastSeenAt: Int64
        /// Persons only: the company that the last identify call named; empty when it took them out of theirs.
        var companyID: String?
        /// The properties of the identify calls, in log order.
        var merges: [JSONDocument] = []
    }

    private(set) var persons: [Subject: Change] = [:]
    private(set) var companies: [Subject: Change] = [:]
    /// When the last batch was received.
    private(set) var receivedAt = Timestamp(microseconds: 0)

    init(_ events: [CommittedEvents]) {
        persons.reserveCapacity(events.reduce(0) { $0 + $1.indices.count } / 8)
        for committed in events {
            receivedAt = max(receivedAt, committed.batch.receivedAt)
            for index in committed.indices { add(committed.batch[index]) }
        }
    }

    private mutating func add(_ event: EventView) {
        let time = event.occurredAt.microseconds
        if let userID = Self.identifier(.userID, of: event) {
            let subject = Subject(environmentID: event.environmentID, id: ClientText(userID))
            let isIdentify = event.type == .identifyUser
            Self.update(&persons, subject, at: time) { change in
                guard isIdentify else { return }
                if let companyID = event[.companyID] { change.companyID = companyID }
                if let properties = Self.properties(of: event) { change.merges.append(properties) }
            }
        }
        if let companyID = Self.identifier(.companyID, of: event) {
            let subject = Subject(environmentID: event.environmentID, id: ClientText(companyID))
            let isIdentify = event.type == .identifyCompany
            Self.update(&companies, subject, at: time) { change in
                guard isIdentify, let properties = Self.properties(of: event) else { return }
                change.merges.append(properties)
            }
        }
    }

    private static func update(
        _ changes: inout [Subject: Change], _ subject: Subject, at time: Int64, _ body: (inout Change) -> Void
    ) {
        let new = Change(firstSeenAt: time, lastSeenAt: time)
        func apply(_ change: inout Change) {
            change.firstSeenAt = min(change.firstSeenAt, time)
            change.lastSeenAt = max(change.lastSeenAt, time)
            body(&change)
        }
        apply(&changes[subject, default: new])
    }

    /// An empty id is none.
    private static func identifier(_ field: EventField, of event: EventView) -> String? {
        event.withUTF8(of: field) { bytes in
            guard let bytes, !bytes.isEmpty else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Properties were validated when they came in; should the log hold others, they change nothing.
    private static func properties(of event: EventView) -> JSONDocument? {
        event.withUTF8(of: .properties) { bytes in
            guard let bytes, bytes.count > 2 else { return nil }
            return try? JSONDocument(stored: UnsafeRawBufferPointer(bytes))
        }
    }
}
