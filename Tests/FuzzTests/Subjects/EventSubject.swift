import EventStore
import JSON
import Time

@testable import Events
@testable import UserpilotAPI

/// Event objects: kept whole, or refused with the batch as it was.
struct EventSubject: FuzzSubject {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let stream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")

    let samples: [[UInt8]] = .texts([
        """
        {"event_type":"interaction","event_name":"checklist:2:SEEN","user_id":"u","company_id":"c",
        "source":"backend-segment","inserted_at":"2025-05-11T07:45:30.123456Z","event_id":"id-1","hostname":"x.example",
        "pathname":"/a","referrer":"https://r","screen_width":1920,"screen_height":1080.0,"device_type":"fridge",
        "session":"s","country_code":"DE","metadata":{"a":[1,null],"price":9.99,"at":"2024-01-01"}}
        """,
        #"{"event_name":"e","user_id":"u","url":"https://x.example:8080/a/b?c=d#e","user_agent":"Mozilla/5.0 (X11)"}"#,
        #"{"event_type":"identify_user","user_id":"u","company":{"id":"c","plan":"pro"},"metadata":{"age":7}}"#,
        #"{"event_type":"identify_company","company_id":"c","metadata":{"seats":1e3}}"#, #"{"user_id":"u"}"#,
    ])
    let tokens: [[UInt8]] =
        .texts(EventKey.allCases.map { "\"\($0.name)\":" })
        + .texts(EventType.allCases.map { "\"\($0.name)\"" }) + .texts(["\"u\"", "{}", "[]", ",", "\"https://\""])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        guard let document = try? JSONDocument(parsing: input) else { return "no JSON" }
        var call = EventCall(stream: Self.stream, surface: .sextant, now: Self.now)
        switch random.below(4) {
        case 0: call.typeRule = .fixed(random.pick(EventType.allCases))
        case 1: call.typeRule = .named(default: nil)
        case 2: call.limits = .track
        default: break
        }
        var builder = EventBatchBuilder(receivedAt: Self.now)
        do {
            try EventDecoder(call).decode(
                document.root, derivedEventID: random.once(in: 2) ? "d" : nil, into: &builder)
        } catch {
            try require(builder.count == 0, "a refused event left \(builder.count) rows")
            try require(!error.message.isEmpty, "a rejection without words")
            return "\(error.reason) \(error.field.prefix(12))"
        }
        let batch = builder.build()
        for index in 0..<batch.count {
            for field in EventField.allCases { _ = batch[index][field] }
            try require(batch[index].occurredAt >= Timestamp(seconds: 0), "an event from before 1970")
            if let properties = batch[index][.properties] {
                try require((try? JSONDocument(parsing: properties)) != nil, "properties that are no JSON")
            }
        }
        return "\(batch.count) \(batch[batch.count - 1].type)"
    }
}
