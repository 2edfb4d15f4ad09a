package import EventStore
package import JSON
package import Time

/// Events as a commit hands them to projections, and the rising positions behind them.
package struct EventLog {
    private var milliseconds: Int64 = 1_750_000_000_000

    package init() {}

    package static let receivedAt = Timestamp(seconds: 1_750_000_000)

    /// The position after the one given before.
    package mutating func nextPosition() -> LogPosition { LogPosition(after: nextIdentifier()) }

    private mutating func nextIdentifier() -> EventIdentifier {
        milliseconds += 1
        return EventIdentifier(earliestAt: Timestamp(microseconds: milliseconds * 1_000))
    }

    /// Hands a projection these events as one batch, at the next position.
    package mutating func commit(_ events: [Event], to projection: some EventProjection) async throws {
        try await projection.apply([Self.committed(events)], movingTo: nextPosition())
    }

    /// Hands a projection one event after the other.
    /// - Returns: what the store would find of them afterwards.
    package mutating func later(_ events: [Event], to projection: some EventProjection) async throws -> SubjectEvents {
        var identifiers: [EventIdentifier] = []
        for event in events {
            let identifier = nextIdentifier()
            identifiers.append(identifier)
            try await projection.apply([Self.committed([event])], movingTo: LogPosition(after: identifier))
        }
        return SubjectEvents(
            batch: Self.committed(events).batch, identifiers: identifiers,
            end: identifiers.last.map(LogPosition.init(after:)) ?? nextPosition())
    }

    package struct Event {
        let type: EventType
        let user: String?
        let company: String?
        let name: String?
        let properties: JSONValue?
        let at: Int64
        let environmentID: Int64
        let source: EventSource
        let surface: EventSurface

        /// - Parameter at: seconds since the epoch.
        package init(
            type: EventType, user: String? = nil, company: String? = nil, name: String? = nil,
            properties: JSONValue? = nil, at: Int64 = 1_749_000_000, environmentID: Int64 = 1,
            source: EventSource = .backendHTTP, surface: EventSurface = .userpilot
        ) {
            self.source = source
            self.surface = surface
            self.type = type
            self.user = user
            self.company = company
            self.name = name
            self.properties = properties
            self.at = at
            self.environmentID = environmentID
        }
    }

    package static func committed(_ events: [Event]) -> CommittedEvents {
        var builder = EventBatchBuilder(receivedAt: receivedAt)
        for event in events {
            let stream = EventStream(environmentID: event.environmentID, projectID: 1, appToken: "NX-1")
            builder.begin(
                event.type, in: stream, source: event.source, surface: event.surface,
                occurredAt: Timestamp(seconds: event.at))
            if let user = event.user { builder.set(.userID, to: user) }
            if let company = event.company { builder.set(.companyID, to: company) }
            if let name = event.name { builder.set(.eventName, to: name) }
            if let properties = event.properties { builder.set(.properties, to: properties.encodedString) }
            builder.finish(in: stream)
        }
        let batch = builder.build()
        return CommittedEvents(
            batch: batch, indices: Array(0..<batch.count),
            identifiers: (0..<batch.count).map { EventIdentifier(earliestAt: Timestamp(seconds: Int64($0 + 1))) })
    }

    package static func identify(
        _ user: String, _ properties: JSONValue? = nil, company: String? = nil, at: Int64 = 1_749_000_000,
        environmentID: Int64 = 1
    ) -> Event {
        Event(
            type: .identifyUser, user: user, company: company, properties: properties, at: at,
            environmentID: environmentID)
    }

    package static func track(
        _ user: String?, _ name: String, _ properties: JSONValue? = nil, company: String? = nil,
        at: Int64 = 1_749_000_000, environmentID: Int64 = 1
    ) -> Event {
        Event(
            type: .track, user: user, company: company, name: name, properties: properties, at: at,
            environmentID: environmentID)
    }

    package static func identifyCompany(
        _ company: String, _ properties: JSONValue? = nil, at: Int64 = 1_749_000_000, environmentID: Int64 = 1
    ) -> Event {
        Event(
            type: .identifyCompany, company: company, properties: properties, at: at, environmentID: environmentID)
    }
}

extension EventProjection {
    /// Applies events, none of which are set aside.
    package func apply(_ events: [CommittedEvents], movingTo position: LogPosition) async throws {
        try await apply(events, .advance(to: position, settingAside: []))
    }
}
