import EventStore
import JSON
import Testing
import Time

@testable import Events
@testable import UserpilotAPI

@Suite struct EventDecoderTests {
    @Test func everyFieldFindsItsColumn() throws {
        let batch = try EventDecoder.sample().batch(
            """
            {"event_type": "interaction", "event_name": "checklist:2:SEEN", "user_id": "u", "company_id": "c",
             "source": "backend-segment", "inserted_at": "2025-05-11T07:45:30.123456Z", "event_id": "id-1",
             "hostname": "example.com", "pathname": "/a", "referrer": "https://r", "screen_width": 1920,
             "screen_height": 1080.0, "device_type": "fridge", "operating_system": "Plan 9", "browser": "Mothra",
             "browser_language": "de-DE", "session": "s", "country_code": "DE", "metadata": {"a": [1, null]},
             "app_token": "NX-9", "received_at": "1999", "unknown": {"x": 1}}
            """)
        #expect(batch.count == 1)
        let event = batch[0]
        #expect(event.type == .interaction)
        #expect(event.source == .backendSegment)
        #expect(event.surface == .sextant)
        #expect(event.environmentID == 1)
        #expect(event.projectID == 1)
        #expect(event.occurredAt == Timestamp("2025-05-11T07:45:30.123456Z"))
        #expect(event.receivedAt == EventDecoder.sampleTime)
        #expect(event.screenWidth == 1_920)
        #expect(event.screenHeight == 1_080)
        let texts: [EventField: String] = [
            .eventName: "checklist:2:SEEN", .userID: "u", .companyID: "c", .hostname: "example.com", .pathname: "/a",
            .referrer: "https://r", .operatingSystem: "Plan 9", .browser: "Mothra", .browserLanguage: "de-DE",
            .deviceType: "fridge", .countryCode: "DE", .session: "s", .properties: "{\"a\": [1, null]}",
            .clientEventID: "id-1",
        ]
        for field in EventField.allCases { #expect(event[field] == texts[field], "\(field)") }
        #expect(event.propertyShape == PropertyShape.of(try JSONDocument(parsing: "{\"a\":[]}").root))
    }

    @Test func whatIsLeftOutHasDefaults() throws {
        let event = try EventDecoder.sample().batch(#"{"event_name": "e", "user_id": "u"}"#)[0]
        #expect(event.type == .track)
        #expect(event.source == .backendHTTP)
        #expect(event.occurredAt == EventDecoder.sampleTime)
        #expect(event.screenWidth == nil)
        for field in EventField.allCases where field != .eventName && field != .userID { #expect(event[field] == nil) }
    }

    @Test func nullAndEmptyAreAbsent() throws {
        let event = try EventDecoder.sample().batch(
            """
            {"event_name": "e", "user_id": "u", "company": null, "company_id": "", "hostname": "", "referrer": null,
             "session": "", "user_agent": "", "url": "", "metadata": null, "inserted_at": null, "screen_width": null,
             "event_type": null, "source": null, "event_id": null}
            """)[0]
        for field in EventField.allCases where field != .eventName && field != .userID { #expect(event[field] == nil) }
    }

    /// What is wrong, where, and why.
    static let refused: [(json: String, field: String, reason: EventRejection.Reason)] = [
        ("[]", "", .wrongType),
        ("3", "", .wrongType),
        ("null", "", .wrongType),
        ("{}", "event_name", .missingField),
        (#"{"event_name": "e"}"#, "user_id", .missingField),
        (#"{"event_name": "e", "user_id": null}"#, "user_id", .missingField),
        (#"{"event_name": "e", "user_id": ""}"#, "user_id", .emptyValue),
        (#"{"event_name": "e", "user_id": 7}"#, "user_id", .wrongType),
        (#"{"event_name": "e", "user_id": ["u"]}"#, "user_id", .wrongType),
        (#"{"event_name": "", "user_id": "u"}"#, "event_name", .emptyValue),
        (#"{"event_name": true, "user_id": "u"}"#, "event_name", .wrongType),
        (#"{"event_type": "trackk", "user_id": "u"}"#, "event_type", .unknownValue),
        (#"{"event_type": "TRACK", "user_id": "u"}"#, "event_type", .unknownValue),
        (#"{"event_type": 1, "user_id": "u"}"#, "event_type", .wrongType),
        (#"{"event_type": "track_feature", "user_id": "u"}"#, "event_name", .missingField),
        (#"{"event_type": "interaction", "user_id": "u"}"#, "event_name", .missingField),
        (#"{"event_type": "page_view"}"#, "user_id", .missingField),
        (#"{"event_type": "identify_user"}"#, "user_id", .missingField),
        (#"{"event_type": "identify_company", "user_id": "u"}"#, "company_id", .missingField),
        (#"{"event_name": "e", "user_id": "u", "source": "fax"}"#, "source", .unknownValue),
        (#"{"event_name": "e", "user_id": "u", "source": {}}"#, "source", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "company_id": 5}"#, "company_id", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "company": "c"}"#, "company", .wrongType),
        (
            #"{"event_name": "e", "user_id": "u", "company": {"id": "", "name": "n"}}"#, "company.company_id",
            .missingField
        ),
        (#"{"event_name": "e", "user_id": "u", "company": {"id": 7}}"#, "company.company_id", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "inserted_at": 1750000000000}"#, "inserted_at", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "inserted_at": "yesterday"}"#, "inserted_at", .timestampMalformed),
        (#"{"event_name": "e", "user_id": "u", "inserted_at": ""}"#, "inserted_at", .timestampMalformed),
        (
            #"{"event_name": "e", "user_id": "u", "timestamp": "2025-13-01T00:00:00Z"}"#, "timestamp",
            .timestampMalformed
        ),
        (#"{"event_name": "e", "user_id": "u", "inserted_at": "2025-02-29"}"#, "inserted_at", .timestampMalformed),
        (
            #"{"event_name": "e", "user_id": "u", "inserted_at": "1969-12-31T23:59:59Z"}"#, "inserted_at",
            .timestampTooOld
        ),
        (
            #"{"event_name": "e", "user_id": "u", "inserted_at": "0001-01-01T00:00:00Z"}"#, "inserted_at",
            .timestampTooOld
        ),
        (
            #"{"event_name": "e", "user_id": "u", "inserted_at": "2025-06-16T15:06:40.000001Z"}"#, "inserted_at",
            .timestampInFuture
        ),
        (
            #"{"event_name": "e", "user_id": "u", "inserted_at": "9999-12-31T23:59:59Z"}"#, "inserted_at",
            .timestampInFuture
        ),
        (#"{"event_name": "e", "user_id": "u", "screen_width": "800"}"#, "screen_width", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "screen_width": 1.5}"#, "screen_width", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "screen_width": -1}"#, "screen_width", .outOfRange),
        (#"{"event_name": "e", "user_id": "u", "screen_height": 65536}"#, "screen_height", .outOfRange),
        (#"{"event_name": "e", "user_id": "u", "screen_height": 1e300}"#, "screen_height", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "hostname": 1}"#, "hostname", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "referrer": []}"#, "referrer", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "country_code": "Deutschland"}"#, "country_code", .tooLong),
        (#"{"event_name": "e", "user_id": "u", "url": "/path"}"#, "url", .unknownValue),
        (#"{"event_name": "e", "user_id": "u", "url": "javascript://x"}"#, "url", .unknownValue),
        (#"{"event_name": "e", "user_id": "u", "url": 5}"#, "url", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "user_agent": 5}"#, "user_agent", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "metadata": [1]}"#, "metadata", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "metadata": "{}"}"#, "metadata", .wrongType),
        (#"{"event_name": "e", "user_id": "u", "event_id": ""}"#, "event_id", .emptyValue),
        (#"{"event_name": "e", "user_id": "u", "event_id": 9}"#, "event_id", .wrongType),
    ]

    @Test(arguments: refused.indices)
    func whatIsWrongIsNamed(_ index: Int) throws {
        let (json, field, reason) = Self.refused[index]
        let rejection = try #require(try EventDecoder.sample().rejection(json), "\(json) was accepted")
        #expect(rejection.field == field, "\(json)")
        #expect(rejection.reason == reason, "\(json): \(rejection.message)")
        // A message names the field, so that it can stand alone.
        #expect(field.isEmpty || rejection.message.contains(field.split(separator: ".")[0]))
    }

    @Test func aRefusedEventLeavesTheBatchAsItWas() throws {
        var builder = EventBatchBuilder(receivedAt: EventDecoder.sampleTime)
        let decoder = EventDecoder.sample()
        let good = try JSONDocument(parsing: #"{"event_name": "good", "user_id": "u"}"#)
        // Goes wrong at its very end, after the company's own row.
        let bad = try JSONDocument(
            parsing: #"{"event_type": "identify_user", "user_id": "u", "company": {"id": "c", "a": 1}, "event_id": 1}"#)
        let first = try decoder.decode(good.root, derivedEventID: nil, into: &builder)
        #expect(throws: EventRejection.self) { try decoder.decode(bad.root, derivedEventID: nil, into: &builder) }
        let second = try decoder.decode(good.root, derivedEventID: nil, into: &builder)
        let batch = builder.build()
        #expect(batch.count == 2)
        #expect([first, second] == [0, 1])
        #expect(batch[1][.eventName] == "good")
        #expect(batch[1][.companyID] == nil)
    }

    @Test(arguments: [
        ("2025-06-15T15:06:40Z", 0), ("2025-06-15T17:06:40+02:00", 0), ("2025-06-15 15:06:40", 0),
        ("1970-01-01T00:00:00Z", -1_750_000_000), ("2025-06-16T15:06:40Z", 86_400),
    ])
    func timesWithinBoundsAreKept(_ text: String, offset: Int64) throws {
        for key in ["inserted_at", "timestamp"] {
            let event = try EventDecoder.sample().batch(
                #"{"event_name": "e", "user_id": "u", "\#(key)": "\#(text)"}"#)[0]
            #expect(event.occurredAt == EventDecoder.sampleTime.adding(seconds: offset))
        }
    }

    @Test func insertedAtIsReadBeforeTimestamp() throws {
        let event = try EventDecoder.sample().batch(
            #"{"event_name": "e", "user_id": "u", "timestamp": "garbage", "inserted_at": "2025-01-01"}"#)[0]
        #expect(event.occurredAt == Timestamp("2025-01-01"))
    }

    @Test func whereTheEndpointSaysTheTypeTheBodyDoesNot() throws {
        let decoder = EventDecoder.sample { $0.typeRule = .fixed(.identifyUser) }
        #expect(try decoder.batch(#"{"event_type": "nonsense", "user_id": "u"}"#)[0].type == .identifyUser)
        let strict = EventDecoder.sample {
            $0.typeRule = .named(default: nil)
            $0.defaultSource = nil
        }
        #expect(try strict.rejection(#"{"user_id": "u"}"#)?.field == "event_type")
        #expect(try strict.rejection(#"{"event_type": "page_view", "user_id": "u"}"#)?.field == "source")
        #expect(try strict.rejection(#"{"event_type": "page_view", "user_id": "u", "source": "web-client"}"#) == nil)
    }

    @Test func eventsWithoutANameHaveNone() throws {
        for type in ["identify_user", "page_view", "session_start"] {
            let event = try EventDecoder.sample().batch(
                #"{"event_type": "\#(type)", "user_id": "u", "event_name": "ignored"}"#)[0]
            #expect(event[.eventName] == nil)
        }
    }

    @Test func derivedIdsGiveWayToOnesOwn() throws {
        let decoder = EventDecoder.sample()
        #expect(
            try decoder.batch(#"{"event_name": "e", "user_id": "u"}"#, derivedEventID: "d")[0][.clientEventID] == "d")
        #expect(
            try decoder.batch(#"{"event_name": "e", "user_id": "u", "event_id": "own"}"#, derivedEventID: "d")[0][
                .clientEventID] == "own")
    }

    @Test func idsMayHave255CharactersOfAnyKind() throws {
        let decoder = EventDecoder.sample()
        for character in ["x", "é", "日", "🎉"] {
            let longest = String(repeating: character, count: 255)
            #expect(
                try decoder.batch(#"{"event_name": "\#(longest)", "user_id": "\#(longest)"}"#)[0][.userID] == longest)
            for field in ["user_id", "event_name", "event_id", "company_id"] {
                var members = ["event_name": "e", "user_id": "u"]
                members[field] = longest + character
                let json = JSONValue.object(JSONObject(members.map { ($0.key, .string($0.value)) }))
                let rejection = try decoder.rejection(json.encodedString)
                #expect(rejection?.field == field)
                #expect(rejection?.reason == .tooLong)
            }
        }
    }

    /// What clients may say of an event, files may say of it in their columns.
    @Test func filesHaveAColumnForEachMember() {
        let members = EventKey.allCases.map(\.name.description)
        #expect(TableRow.columns == members + ExportedRow.columns)
    }
}
