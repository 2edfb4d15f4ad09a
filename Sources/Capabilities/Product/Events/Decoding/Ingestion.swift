public import ControlStore
public import EventStore
public import JSON
public import Text
public import Time

/// What became of one event of a batch.
public enum EventResult: Sendable {
    case accepted(EventIdentifier)
    /// Stored within the last 24 hours already.
    case duplicate
    case rejected(EventRejection)
}

/// What became of the events of one call.
public struct IngestedBatch: Sendable {
    /// One for each event, in request order.
    public let results: [EventResult]
    /// Members that nothing reads, by the event's place in the request; of many events only the first.
    public let unknown: [Int: [UnknownName]]
    /// Events that have some.
    public let unknownEventCount: Int
}

/// What would become of the events of a call.
public struct CheckedBatch: Sendable {
    /// One for each event, in request order.
    public let checks: [EventCheck]
    /// Events with members that nothing reads, whether they are told or not.
    public let unknownEventCount: Int
}

/// What would become of one event.
public struct EventCheck: Sendable {
    /// Nil when it would be stored, unless it is a duplicate.
    public let rejection: EventRejection?
    /// Members that nothing reads.
    public let unknown: [UnknownName]
}

/// Takes events in: decodes them, hands them to the event store, and returns when they are on disk.
public struct Ingestion: Sendable {
    private let writer: EventWriter
    private let clock: WallClock
    private let rejections: IngestionRejections
    private let form: any EventForm
    private let calls: CallsUnderWay

    /// - Parameters:
    ///   - form: how the events are written.
    ///   - calls: told of each call, for those who wait until what was read by older rules is stored.
    public init(
        writer: EventWriter, clock: WallClock, rejections: IngestionRejections, form: any EventForm,
        calls: CallsUnderWay = CallsUnderWay()
    ) {
        self.form = form
        self.calls = calls
        self.writer = writer
        self.clock = clock
        self.rejections = rejections
    }

    /// One call about one event (contract operations `identifyUser`, `identifyCompany`, `trackEvent`).
    /// - Parameters:
    ///   - type: what the called operation records.
    ///   - idempotencyKey: a retry with the same key within 24 hours stores nothing twice.
    /// - Throws: `EventRejection` when the event is not acceptable, `EventWriteError` when it could not be stored.
    public func record(
        _ type: EventType, _ body: JSONNode, in stream: EventStream, surface: EventSurface, idempotencyKey: String?,
        from sender: EventSender = EventSender()
    ) async throws -> EventOutcome {
        let number = calls.begin()
        defer { calls.end(number) }
        let now = clock.now
        var call = EventCall(stream: stream, surface: surface, now: now)
        call.sender = sender
        if type == .track { call.limits = .track }
        call.typeRule = .fixed(type)
        var builder = EventBatchBuilder(receivedAt: now)
        var unknown = UnknownMembers(form)
        let names = unknown.look(at: body)
        let index: Int
        do {
            index = try form.decode(
                body, call, derivedEventID: idempotencyKey.map { Self.eventID(from: $0, call: type.name, position: 0) },
                into: &builder)
        } catch {
            rejections.record(unknown, in: stream, at: now)
            rejections.record(error, in: stream, at: now, event: body, keyID: sender.keyID)
            throw error.with(names)
        }
        let outcomes = try await writer.write(builder.build(), priority: .live)
        rejections.record(unknown, in: stream, at: now)
        return outcomes[index]
    }

    /// Events of any type that arrived together, each accepted or rejected on its own (`ingestEvents` of sextant.yaml).
    /// - Parameters:
    ///   - events: the events in request order; those that could not even be parsed come with their error.
    /// - Throws: `EventWriteError` when none could be stored.
    public func record(
        _ events: some Sequence<Result<JSONNode, EventRejection>>, expectedCount: Int, in stream: EventStream,
        surface: EventSurface,
        idempotencyKey: String?, from sender: EventSender = EventSender()
    ) async throws(EventWriteError) -> IngestedBatch {
        let number = calls.begin()
        defer { calls.end(number) }
        let now = clock.now
        var call = EventCall(stream: stream, surface: surface, now: now)
        call.sender = sender
        var builder = EventBatchBuilder(
            receivedAt: now, expectedEvents: expectedCount, expectedTextBytes: expectedCount * 256)
        var unknown = UnknownMembers(form)
        var told: [Int: [UnknownName]] = [:]
        var entries: [Result<Int, EventRejection>] = []
        entries.reserveCapacity(expectedCount)
        for (position, event) in events.enumerated() {
            do throws(EventRejection) {
                let derived = idempotencyKey.map { Self.eventID(from: $0, call: "batch", position: position) }
                let node = try event.get()
                let names = unknown.look(at: node)
                if !names.isEmpty { told[position] = names }
                entries.append(.success(try form.decode(node, call, derivedEventID: derived, into: &builder)))
            } catch {
                rejections.record(error, in: stream, at: now, event: try? event.get(), keyID: sender.keyID)
                entries.append(.failure(error))
            }
        }
        let outcomes = builder.count == 0 ? [] : try await writer.write(builder.build(), priority: .live)
        rejections.record(unknown, in: stream, at: now)
        let results = entries.map { entry in
            switch entry {
            case .failure(let rejection): return EventResult.rejected(rejection)
            case .success(let index):
                switch outcomes[index] {
                case .accepted(let id): return .accepted(id)
                case .duplicate: return .duplicate
                }
            }
        }
        return IngestedBatch(results: results, unknown: told, unknownEventCount: unknown.eventCount)
    }

    /// What would become of events of any type; nothing is stored or counted (`validateEvents` of sextant.yaml).
    /// - Parameter type: what the operation records to which they are to go; nil where each event says it.
    public func check(
        _ events: some Sequence<Result<JSONNode, EventRejection>>, as type: EventType? = nil, in stream: EventStream,
        surface: EventSurface
    ) -> CheckedBatch {
        let now = clock.now
        var call = EventCall(stream: stream, surface: surface, now: now)
        if type == .track { call.limits = .track }
        if let type { call.typeRule = .fixed(type) }
        var unknown = UnknownMembers(form)
        let checks = events.map { event in
            var names: [UnknownName] = []
            do throws(EventRejection) {
                let node = try event.get()
                names = unknown.look(at: node)
                var builder = EventBatchBuilder(receivedAt: now)
                _ = try form.decode(node, call, derivedEventID: nil, into: &builder)
                return EventCheck(rejection: nil, unknown: names)
            } catch {
                return EventCheck(rejection: error, unknown: names)
            }
        }
        return CheckedBatch(checks: checks, unknownEventCount: unknown.eventCount)
    }

    /// Members of an event that nothing reads.
    public func unknownNames(in event: JSONNode) -> [UnknownName] {
        var unknown = UnknownMembers(form)
        return unknown.look(at: event)
    }

    /// Counts an event that was turned away before it came here, for instance by the contract's schema.
    /// - Parameters:
    ///   - text: what was to be an event, as it came.
    ///   - keyID: the key that it came with.
    public func reject(
        _ rejection: EventRejection, in stream: EventStream, at time: Timestamp? = nil, text: [UInt8]? = nil,
        keyID: Int64? = nil
    ) {
        rejections.record(rejection, in: stream, at: time ?? clock.now, keyID: keyID) { text }
    }

    /// Counts a request with members that its contract does not name.
    public func count(_ names: [UnknownName], in stream: EventStream) {
        if let last = names.last { rejections.note(last, in: stream, at: clock.now) }
    }

    /// The id that an event without one gets from the request's `Idempotency-Key`. It names the call too: a key that a
    /// client uses for a track and an identify call alike must not take one for a retry of the other.
    private static func eventID(from idempotencyKey: String, call: String, position: Int) -> String {
        "idempotency key \(idempotencyKey) \(call) \(position)"
    }
}

extension EventRejection {
    func with(_ unknown: [UnknownName]) -> EventRejection {
        var rejection = self
        rejection.unknown = unknown
        return rejection
    }
}
