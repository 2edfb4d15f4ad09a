import EventStore
import JSON
import Text
import Time

/// Events that teach the same: one entry for all events of an environment, type and name with properties of one shape.
struct EventGroups {
    struct Key: Hashable {
        let environmentID: Int64
        let type: EventType
        /// Empty for types that have no name of their own.
        let name: ClientText
        let shape: UInt64
    }

    struct Group {
        var firstSeenAt: Int64
        var lastSeenAt: Int64
        /// Any one of the events.
        let sample: EventView
    }

    private(set) var groups: [Key: Group] = [:]

    init(_ events: [CommittedEvents]) {
        for committed in events {
            for index in committed.indices { add(committed.batch[index]) }
        }
    }

    private mutating func add(_ event: EventView) {
        let name: String
        switch event.type {
        case .track, .trackFeature:
            guard let eventName = event[.eventName], !eventName.isEmpty else { return }
            name = eventName
        case .pageView, .identifyUser, .identifyCompany: name = ""
        case .interaction, .sessionStart: return
        }
        let key = Key(
            environmentID: event.environmentID, type: event.type, name: ClientText(name), shape: Self.shape(of: event))
        let time = event.occurredAt.microseconds
        var group = groups[key] ?? Group(firstSeenAt: time, lastSeenAt: time, sample: event)
        group.firstSeenAt = min(group.firstSeenAt, time)
        group.lastSeenAt = max(group.lastSeenAt, time)
        groups[key] = group
    }

    /// Events that were not given a shape when they came in get it now.
    private static func shape(of event: EventView) -> UInt64 {
        if event.propertyShape != 0 { return event.propertyShape }
        return properties(of: event).map { PropertyShape.of($0.root) } ?? 0
    }

    /// Properties were validated when they came in; should the log hold others, they teach nothing.
    static func properties(of event: EventView) -> JSONDocument? {
        event.withUTF8(of: .properties) { bytes in
            guard let bytes, bytes.count > 2 else { return nil }
            return try? JSONDocument(stored: UnsafeRawBufferPointer(bytes))
        }
    }
}
