import EventStore
import Events
import JSON
import Testing
import Time

@testable import GainsightAPI

@Suite struct SegmentEventsTests {
    private let form = SegmentEvents()

    @Test func tracks() throws {
        let event = try form.rows(
            """
            {"type": "track", "userId": "ann", "anonymousId": "x", "event": "Clicked", "properties": {"a": 1},
             "timestamp": "2025-06-15T15:06:39.000Z", "messageId": "m", "channel": "client",
             "context": {"page": {"url": "https://x.example/p?q=1", "referrer": "r"}}}
            """)[0]
        #expect(event.type == .track && event[.eventName] == "Clicked" && event[.userID] == "ann")
        #expect(event.occurredAt == Timestamp(seconds: 1_749_999_999))
        #expect(event[.clientEventID] == "m" && event[.hostname] == "x.example" && event[.referrer] == "r")
        #expect(try event.document["a"] == 1)
        #expect(try event.document["$context"]?["channel"] == "client")
        #expect(try event.document["$context"]?["anonymousId"] == "x")
    }

    @Test func identifyBringsTheAccount() throws {
        for traits in [#"{"accountId": "acme", "plan": "pro"}"#, #"{"company": {"id": "acme"}, "plan": "pro"}"#] {
            let event = try form.rows(#"{"type": "identify", "userId": "ann", "traits": \#(traits)}"#)[0]
            #expect(event.type == .identifyUser && event[.userID] == "ann" && event[.companyID] == "acme")
            #expect(try event.document["plan"] == "pro")
            #expect(try event.document["$context"] == nil)
        }
    }

    @Test func groupIsTwoEvents() throws {
        let text =
            #"{"type": "group", "userId": "ann", "groupId": "acme", "traits": {"name": "Acme"}, "messageId": "m"}"#
        let batch = try form.rows(text)
        #expect(batch.count == 2)
        #expect(batch[0].type == .identifyUser && batch[0][.userID] == "ann" && batch[0][.companyID] == "acme")
        #expect(batch[1].type == .identifyCompany && batch[1][.userID] == nil && batch[1][.companyID] == "acme")
        #expect(try batch[1].document == ["name": "Acme"])
        #expect(batch[0][.clientEventID] != batch[1][.clientEventID])
        // Nobody is brought in.
        #expect(try form.rows(#"{"type": "group", "groupId": "acme"}"#).count == 1)
    }

    @Test(arguments: ["page", "screen"]) func pages(_ type: String) throws {
        let event = try form.rows(#"{"type": "\#(type)", "anonymousId": "x", "properties": {"path": "/p"}}"#)[0]
        #expect(event.type == .pageView && event[.userID] == "x" && event[.pathname] == "/p")
        #expect(event.occurredAt == SegmentEvents.now)
    }

    /// Segment's check of a key sends the empty array and wants to hear 400.
    @Test(arguments: [
        ("[]", ""), ("{}", "type"), (#"{"type": "alias", "userId": "a"}"#, "type"),
        (#"{"type": "track", "event": "e"}"#, "userId"), (#"{"type": "track", "userId": "a"}"#, "event"),
        (#"{"type": "track", "userId": "a", "event": "e", "properties": 1}"#, "properties"),
        (#"{"type": "group", "userId": "a"}"#, "groupId"), (#"{"type": "identify"}"#, "userId"),
        (#"{"type": "page", "userId": "a", "timestamp": "soon"}"#, "timestamp"),
        (#"{"type": "group", "userId": "a", "groupId": "b", "traits": 1}"#, "traits"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ field: String) {
        #expect(form.rejection(text)?.field == field)
    }
}

/// Users on the denylist, whose events are refused with all that they imply.
@Suite struct DeniedUserTests {
    private struct Denied: DeniedUsers {
        func isDenied(_ userID: UnsafeBufferPointer<UInt8>, environmentID: Int64) -> Bool {
            environmentID == 1 && userID.elementsEqual("mallory".utf8)
        }
    }

    private let form = GuardedForm(SegmentEvents(), denied: Denied())

    @Test(arguments: [
        #""type": "track", "event": "e""#, #""type": "page""#, #""type": "identify", "traits": {"accountId": "c"}"#,
        // The event's own row is of the account, and that before it of the user.
        #""type": "group", "groupId": "c""#,
    ])
    func nothingOfTheirsIsTaken(_ members: String) throws {
        #expect(form.rejection(#"{"userId": "mallory", \#(members)}"#)?.reason == .denied)
        #expect(try form.rows(#"{"userId": "Mallory", \#(members)}"#).count > 0)
    }
}
