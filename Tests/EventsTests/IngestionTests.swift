import ControlStore
import EventStore
import JSON
import Testing
import Text

@testable import Events

@Suite struct IngestionTests {
    private func node(_ json: String) throws -> JSONNode { try JSONDocument(parsing: json).root }

    private func record(
        _ ingestion: Ingestion, _ events: [String], key: String? = nil, in stream: EventStream = IngestionRig.stream
    ) async throws -> [EventResult] {
        let results = events.map { json in
            Result { try JSONDocument(parsing: json).root }.mapError { _ in
                EventRejection(.malformed, field: "", "The event is not JSON.")
            }
        }
        return try await ingestion.record(
            results, expectedCount: results.count, in: stream, surface: .sextant, idempotencyKey: key
        ).results
    }

    private func word(_ result: EventResult) -> String {
        switch result {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .rejected(let rejection): rejection.reason.rawValue
        }
    }

    @Test func eachEventOfAListIsAnsweredOnItsOwn() async throws {
        try await IngestionRig().use { rig in
            let results = try await record(
                rig.ingestion,
                [
                    #"{"event_name": "a", "user_id": "u", "event_id": "1"}"#, #"{"event_name": "b"}"#, "{oops",
                    #"{"event_type": "identify_user", "user_id": "u", "company": {"id": "c", "name": "n"}}"#,
                    #"{"event_name": "a", "user_id": "u", "event_id": "1"}"#, #"{"event_name": "c", "user_id": "u"}"#,
                ])
            #expect(
                results.map(word) == ["accepted", "missing_field", "malformed", "accepted", "duplicate", "accepted"])
            // The company's own event is not in the answer, but it is in the log, ahead of its user's.
            #expect(
                try await rig.column("SELECT event_type FROM lake.main.events ORDER BY event_id")
                    == ["track", "identify_company", "identify_user", "track"])
            let ids = results.compactMap { result -> String? in
                if case .accepted(let id) = result { id.description } else { nil }
            }
            #expect(
                try await rig.column(
                    "SELECT event_id FROM lake.main.events WHERE event_type != 'identify_company' ORDER BY event_id")
                    == ids)
        }
    }

    @Test func rejectionsAreCountedByReason() async throws {
        try await IngestionRig().use { rig in
            _ = try await record(
                rig.ingestion,
                [#"{"event_name": "b"}"#, #"{"event_name": "c"}"#, #"{"event_name": "c", "user_id": 1}"#, "["])
            await #expect(throws: EventRejection.self) {
                try await rig.ingestion.record(
                    .track, try node(#"{"user_id": "u"}"#), in: IngestionRig.stream, surface: .userpilot,
                    idempotencyKey: nil)
            }
            rig.ingestion.reject(EventRejection(.tooLong, field: "x", "x is too long."), in: IngestionRig.stream)
            try await rig.rejections.flush()
            let counts = try await rig.rejections.list(environmentID: 1)
            let byReason = Dictionary(uniqueKeysWithValues: counts.map { ($0.reason, $0.count) })
            #expect(
                byReason
                    == ["missing_field": 3, "wrong_type": 1, "malformed": 1, "too_long": 1])
            #expect(counts.first { $0.reason == "missing_field" }?.lastDetail?.contains("event_name") == true)
            #expect(try await rig.rejections.list(environmentID: 2).isEmpty)
            #expect(try await rig.store.count(environmentID: 1) == 0)
        }
    }

    @Test func membersThatNothingReadsAreToldAndCounted() async throws {
        try await IngestionRig().use { rig in
            let events = [
                #"{"event_name": "a", "user_id": "u", "properties": {"n": 1}, "gone": null, "app_token": "NX-1"}"#,
                #"{"event_name": "a", "user_id": "u", "metadata": {"properties": 1}}"#,
                #"{"event_name": "a", "userId": "u", "colour": 1}"#, "3",
            ]
            let nodes = try events.map { Result<JSONNode, EventRejection>.success(try node($0)) }
            let batch = try await rig.ingestion.record(
                nodes, expectedCount: 4, in: IngestionRig.stream, surface: .sextant, idempotencyKey: nil)
            #expect(batch.unknownEventCount == 2 && Set(batch.unknown.keys) == [0, 2])
            #expect(batch.unknown[0] == [UnknownName(path: "properties", suggestion: "metadata")])
            #expect(batch.unknown[2]?.map(\.suggestion) == ["user_id", nil])
            let checked = rig.ingestion.check(nodes, in: IngestionRig.stream, surface: .sextant)
            let checks = checked.checks
            #expect(checked.unknownEventCount == 2)
            #expect(checks.map { $0.rejection?.reason } == [nil, nil, .missingField, .wrongType])
            #expect(checks.map(\.unknown.count) == [1, 0, 2, 0])
            await #expect {
                try await rig.ingestion.record(
                    .track, try node(#"{"event_name": "a", "userId": "u"}"#), in: IngestionRig.stream,
                    surface: .userpilot, idempotencyKey: nil)
            } throws: {
                ($0 as? EventRejection)?.unknown == [UnknownName(path: "userId", suggestion: "user_id")]
            }
            try await rig.rejections.flush()
            let counts = try await rig.rejections.list(environmentID: 1)
            #expect(counts.first { $0.reason == "unknown_field" }?.count == 3)
            #expect(try await rig.store.count(environmentID: 1) == 2)
        }
    }

    @Test func ofVeryManyUnknownMembersSomeAreTold() async throws {
        try await IngestionRig().use { rig in
            let members = (0..<40).map { "\"unknown\($0)\": 1" }.joined(separator: ",")
            let event = try node("{\"event_name\": \"a\", \"user_id\": \"u\", \(members)}")
            let batch = try await rig.ingestion.record(
                (0..<200).map { _ in .success(event) }, expectedCount: 200, in: IngestionRig.stream, surface: .sextant,
                idempotencyKey: nil)
            #expect(batch.unknownEventCount == 200 && batch.unknown.values.allSatisfy { $0.count <= 20 })
            #expect((1_000..<1_020).contains(batch.unknown.values.reduce(0) { $0 + $1.count }))
        }
    }

    @Test func someOfThoseTurnedAwayAreKept() async throws {
        try await IngestionRig().use { rig in
            for number in 0..<9 {
                await #expect(throws: EventRejection.self) {
                    try await rig.ingestion.record(
                        .track, try node("{\"user_id\": \"u\(number)\", \"note\": \"\\u0061nn\"}"),
                        in: IngestionRig.stream,
                        surface: .userpilot, idempotencyKey: nil, from: EventSender(keyID: 7))
                }
                if number != 5 { try await rig.rejections.flush() }
            }
            let long = String(repeating: "x", count: 9_000)
            _ = try await record(rig.ingestion, ["{\"user_id\": 1, \"event_name\": \"x\", \"note\": \"\(long)\"}"])
            try await rig.rejections.flush()
            let kept = try await rig.rejections.samples(environmentID: 1)
            #expect(kept.map(\.reason) == ["wrong_type"] + Array(repeating: "missing_field", count: 5))
            #expect(kept[0].sample.event == nil && (kept[0].sample.eventByteCount ?? 0) > 9_000)
            #expect(kept[1].sample.keyID == 7 && kept[1].sample.field == "event_name")
            #expect(kept[1].sample.event == Array(#"{"user_id": "u8", "note": "\u0061nn"}"#.utf8))
            #expect(try await rig.rejections.samples(environmentID: 1, reason: "wrong_type", limit: 9).count == 1)
            #expect(try await rig.rejections.samples(environmentID: 2).isEmpty)
            // Wherever an id stands, and however it is written, the sample may tell of whoever has it.
            try await rig.rejections.removeText(mentioning: ["u8"], environmentID: 1)
            #expect(try await rig.rejections.samples(environmentID: 1, reason: "missing_field").count == 4)
            try await rig.rejections.removeText(mentioning: ["zoe", "ann"], environmentID: 1)
            #expect(try await rig.rejections.samples(environmentID: 1, reason: "missing_field").isEmpty)
            // Of very many ids whatever there is may tell of one.
            #expect(try await rig.rejections.list(environmentID: 1).contains { $0.lastDetail != nil })
            try await rig.rejections.removeText(mentioning: (0..<101).map { "nobody \($0)" }, environmentID: 1)
            #expect(try await rig.rejections.samples(environmentID: 1).isEmpty)
            #expect(try await rig.rejections.list(environmentID: 1).allSatisfy { $0.lastDetail == nil })
        }
    }

    @Test func aListOfNothingGoodStoresNothing() async throws {
        try await IngestionRig().use { rig in
            let none = try await record(rig.ingestion, [])
            #expect(none.isEmpty)
            #expect(try await record(rig.ingestion, ["3", "4"]).map(word) == ["wrong_type", "wrong_type"])
            #expect(try await rig.store.count(environmentID: 1) == 0)
        }
    }

    @Test func aRetryWithTheSameKeyStoresNothingTwice() async throws {
        try await IngestionRig().use { rig in
            let events = [#"{"event_name": "a", "user_id": "u"}"#, #"{"event_name": "a", "user_id": "u"}"#]
            let first = try await record(rig.ingestion, events, key: "k")
            #expect(first.map(word) == ["accepted", "accepted"])
            #expect(try await record(rig.ingestion, events, key: "k").map(word) == ["duplicate", "duplicate"])
            #expect(try await record(rig.ingestion, events, key: "k2").map(word) == ["accepted", "accepted"])
            let other = EventStream(environmentID: 2, projectID: 1, appToken: "NX-2")
            #expect(try await record(rig.ingestion, events, key: "k", in: other).map(word) == ["accepted", "accepted"])
            #expect(try await rig.store.count(environmentID: 1) == 4)
        }
    }

    @Test func aRetryOfOneCallStoresNothingTwiceWithItsCompany() async throws {
        try await IngestionRig().use { rig in
            let body = try node(#"{"user_id": "u", "company": {"id": "c", "name": "n"}}"#)
            for round in 0..<2 {
                let outcome = try await rig.ingestion.record(
                    .identifyUser, body, in: IngestionRig.stream, surface: .userpilot, idempotencyKey: "k")
                #expect((outcome == .duplicate) == (round == 1))
            }
            #expect(try await rig.store.count(environmentID: 1) == 2)
        }
    }

    @Test func oneKeyForTwoKindsOfCallsIsNoRetry() async throws {
        try await IngestionRig().use { rig in
            let body = try node(#"{"user_id": "u", "event_name": "e"}"#)
            for type in [EventType.track, .identifyUser] {
                let outcome = try await rig.ingestion.record(
                    type, body, in: IngestionRig.stream, surface: .userpilot, idempotencyKey: "k")
                #expect(outcome != .duplicate)
            }
            #expect(try await rig.store.count(environmentID: 1) == 2)
        }
    }

    @Test func aStoppedWriterRefusesTheWholeList() async throws {
        try await IngestionRig().use { rig in
            await rig.writer.stop()
            await #expect(throws: EventWriteError.self) {
                try await record(rig.ingestion, [#"{"event_name": "a", "user_id": "u"}"#])
            }
        }
    }
}
