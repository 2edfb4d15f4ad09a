public import ControlStore
public import EventStore
public import InternetAddress
public import JSON
public import Time

/// What became of one event of a batch.
public enum EventResult: Sendable {
    case accepted(EventIdentifier)
    /// Stored within the last 24 hours already.
    case duplicate
    case rejected(EventRejection)
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
    ///   - address: whom the call came from; nil where that is not known.
    /// - Throws: `EventRejection` when the event is not acceptable, `EventWriteError` when it could not be stored.
    public func record(
        _ type: EventType, _ body: JSONNode, in stream: EventStream, surface: EventSurface, idempotencyKey: String?,
        from address: IPAddress? = nil
    ) async throws -> EventOutcome {
        let number = calls.begin()
        defer { calls.end(number) }
        let now = clock.now
        var call = EventCall(stream: stream, surface: surface, now: now)
        call.clientAddress = address
        if type == .track { call.limits = .track }
        call.typeRule = .fixed(type)
        var builder = EventBatchBuilder(receivedAt: now)
        let index: Int
        do {
            index = try form.decode(
                body, call, derivedEventID: idempotencyKey.map { Self.eventID(from: $0, call: type.name, position: 0) },
                into: &builder)
        } catch {
            reject(error, in: stream, at: now)
            throw error
        }
        let outcomes = try await writer.write(builder.build(), priority: .live)
        return outcomes[index]
    }

    /// Events of any type that arrived together, each accepted or rejected on its own (`ingestEvents` of sextant.yaml).
    /// - Parameters:
    ///   - events: the events in request order; those that could not even be parsed come with their error.
    ///   - address: whom the call came from; nil where that is not known.
    /// - Throws: `EventWriteError` when none could be stored.
    public func record(
        _ events: some Sequence<Result<JSONNode, EventRejection>>, expectedCount: Int, in stream: EventStream,
        surface: EventSurface,
        idempotencyKey: String?, from address: IPAddress? = nil
    ) async throws(EventWriteError) -> [EventResult] {
        let number = calls.begin()
        defer { calls.end(number) }
        let now = clock.now
        var call = EventCall(stream: stream, surface: surface, now: now)
        call.clientAddress = address
        var builder = EventBatchBuilder(
            receivedAt: now, expectedEvents: expectedCount, expectedTextBytes: expectedCount * 256)
        var entries: [Result<Int, EventRejection>] = []
        entries.reserveCapacity(expectedCount)
        for (position, event) in events.enumerated() {
            do throws(EventRejection) {
                let derived = idempotencyKey.map { Self.eventID(from: $0, call: "batch", position: position) }
                entries.append(
                    .success(try form.decode(try event.get(), call, derivedEventID: derived, into: &builder)))
            } catch {
                reject(error, in: stream, at: now)
                entries.append(.failure(error))
            }
        }
        let outcomes = builder.count == 0 ? [] : try await writer.write(builder.build(), priority: .live)
        return entries.map { entry in
            switch entry {
            case .failure(let rejection): return .rejected(rejection)
            case .success(let index):
                switch outcomes[index] {
                case .accepted(let id): return .accepted(id)
                case .duplicate: return .duplicate
                }
            }
        }
    }

    /// Counts an event that was turned away before it came here, for instance by the contract's schema.
    public func reject(_ rejection: EventRejection, in stream: EventStream, at time: Timestamp? = nil) {
        rejections.record(rejection, in: stream, at: time ?? clock.now)
    }

    /// The id that an event without one gets from the request's `Idempotency-Key`. It names the call too: a key that a
    /// client uses for a track and an identify call alike must not take one for a retry of the other.
    private static func eventID(from idempotencyKey: String, call: String, position: Int) -> String {
        "idempotency key \(idempotencyKey) \(call) \(position)"
    }
}
