import EventStore
import JSON
import TestSupport
import Time

/// One event as a test sends it, and as it must come out.
struct SampleEvent: Sendable {
    var type = EventType.track
    var name: String?
    var user: String?
    var company: String?
    /// The company that the user was put in before, which the row carries when the event names none.
    var membership: String?
    var at: String
    var metadata: String?
    var environmentID: Int64 = 1

    static func batch(_ events: [SampleEvent], receivedAt: Timestamp = HandClock.start) -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: receivedAt)
        for event in events {
            let stream = EventStream(
                environmentID: event.environmentID, projectID: 1, appToken: "NX-\(event.environmentID)")
            builder.begin(
                event.type, in: stream, source: .backendHTTP, surface: .userpilot,
                occurredAt: Timestamp(event.at) ?? Timestamp(microseconds: 0))
            if let name = event.name { builder.set(.eventName, to: name) }
            if let user = event.user { builder.set(.userID, to: user) }
            if let company = event.company { builder.set(.companyID, to: company) }
            if let metadata = event.metadata { builder.set(.properties, to: metadata) }
            builder.finish(in: stream)
        }
        return builder.build()
    }

    /// What an exported row says of it.
    var row: [String: String] {
        [
            "event_type": type.name, "event_name": name ?? "", "user_id": user ?? "",
            "company_id": company ?? membership ?? "", "inserted_at": Timestamp(at)?.formatted(.microsecondsUTC) ?? "",
        ]
    }

    /// Events over three months, every type, with texts that files are likely to get wrong.
    static let varied: [SampleEvent] = [
        SampleEvent(
            type: .identifyUser, user: "u1", company: "c1", at: "2025-03-31T23:59:59.999999Z",
            metadata: #"{"plan":"pro"}"#),
        SampleEvent(name: "first of April", user: "u1", membership: "c1", at: "2025-04-01T00:00:00Z"),
        SampleEvent(name: "Sunday, last moment", user: "u2", at: "2025-04-06T23:59:59.999999Z", metadata: "{}"),
        SampleEvent(
            name: "Monday", user: "u2", at: "2025-04-07T00:00:00Z",
            metadata: #"{"a":[1,{"b":null}],"c":"é\u00e9\n\"x\""}"#),
        SampleEvent(
            type: .identifyCompany, company: "c1", at: "2025-04-09T12:00:00.123456Z", metadata: #"{"size":1.5}"#),
        SampleEvent(type: .pageView, user: "u, \"3\"\r\nx", at: "2025-04-30T10:00:00Z"),
        SampleEvent(type: .trackFeature, name: "-2", user: "=cmd|' /C calc'!A0", at: "2025-05-01T00:00:00.000001Z"),
        SampleEvent(
            type: .interaction, name: "checklist:2:SEEN", user: "日本 🎉", company: "c,2", at: "2025-05-01T00:00:00Z"),
        SampleEvent(
            name: "null", user: "NULL", company: "\\N", at: "2025-05-31T23:00:00Z",
            metadata: "{ \"pretty\" : true,\n  \"printed\" : 12345678901234567890 }"),
        SampleEvent(type: .sessionStart, user: "u1", at: "2025-04-08T00:00:00Z"),
    ]
}
