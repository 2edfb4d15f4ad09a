import EventStore
import JSON
import Text
import Time

/// What some events change about profiles, gathered before the store is touched: one entry a profile, however many
/// events there are.
struct ProfileChanges {
    struct Subject: Hashable, Comparable {
        let environmentID: Int64
        let id: ClientText

        static func < (first: Subject, second: Subject) -> Bool {
            first.environmentID == second.environmentID
                ? first.id < second.id : first.environmentID < second.environmentID
        }
    }

    private(set) var persons: [Subject: ProfileChange] = [:]
    private(set) var companies: [Subject: ProfileChange] = [:]
    /// When the last batch was received.
    private(set) var receivedAt = Timestamp(microseconds: 0)

    init(_ events: [CommittedEvents]) {
        persons.reserveCapacity(events.reduce(0) { $0 + $1.indices.count } / 2)
        for committed in events {
            receivedAt = max(receivedAt, committed.batch.receivedAt)
            for (index, identifier) in zip(committed.indices, committed.identifiers) {
                add(committed.batch[index], identifier)
            }
        }
    }

    private mutating func add(_ event: EventView, _ identifier: EventIdentifier) {
        // Nobody has done anything: it is told of an event that was here before.
        if event.isUseFoundLater { return }
        if let userID = Self.identifier(.userID, of: event) {
            let subject = Subject(environmentID: event.environmentID, id: ClientText(userID))
            Self.update(&persons, subject, event) { change in
                if event.isOfVisit {
                    change.addVisitEvent(at: event.occurredAt.microseconds) {
                        Self.identifier(.companyID, of: event).map { ClientText($0) }
                    }
                }
                if let location = event[.inferredLocation] { change.inferredLocation = location }
                guard event.type == .identifyUser else { return }
                if change.identifiedBy == nil { change.identifiedBy = identifier }
                change.modifiedAt = event.receivedAt.microseconds
                if let companyID = event[.companyID] { change.companyID = companyID }
                if let properties = Self.properties(of: event) { change.merge(properties, event) }
            }
        }
        if let companyID = Self.identifier(.companyID, of: event) {
            let subject = Subject(environmentID: event.environmentID, id: ClientText(companyID))
            Self.update(&companies, subject, event) { change in
                guard event.type == .identifyCompany else { return }
                change.modifiedAt = event.receivedAt.microseconds
                if let properties = Self.properties(of: event) { change.merge(properties, event) }
            }
        }
    }

    private static func update(
        _ changes: inout [Subject: ProfileChange], _ subject: Subject, _ event: EventView,
        _ body: (inout ProfileChange) -> Void
    ) {
        let time = event.occurredAt.microseconds
        func apply(_ change: inout ProfileChange) {
            change.firstSeenAt = min(change.firstSeenAt, time)
            change.lastSeenAt = max(change.lastSeenAt, time)
            if event.isActivity { change.addActivity(at: time) }
            body(&change)
        }
        apply(&changes[subject, default: ProfileChange(at: time, receivedAt: event.receivedAt.microseconds)])
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

extension EventView {
    /// Whether a page sent it.
    private var isFromPage: Bool { source == .webClient }

    /// Whether somebody did something: servers that say who somebody is say nothing of what they did.
    fileprivate var isActivity: Bool {
        switch type {
        case .identifyUser, .identifyCompany: isFromPage
        case .pageView, .track, .trackFeature, .interaction, .sessionStart: true
        }
    }

    /// Whether it may begin a visit.
    fileprivate var isOfVisit: Bool { isFromPage || type == .sessionStart }
}
