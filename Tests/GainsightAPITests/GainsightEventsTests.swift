import EventStore
import Events
import JSON
import Testing
import Time

@testable import GainsightAPI

@Suite struct GainsightEventsTests {
    private let form = GainsightEvents()

    @Test func usersAndTheirFields() throws {
        let event = try form.rows(
            """
            {"identifyId": "ann", "email": "a@b.c", "accountId": "acme", "aptrinsicId": "x", "numberOfVisits": 7,
             "type": "USER", "shoe": 1, "customAttributes": {"shoe": 2, "email": "other", "nested": {"a": null}}}
            """, type: .identifyUser)[0]
        #expect(event.type == .identifyUser)
        #expect(event[.userID] == "ann" && event[.companyID] == "acme")
        #expect(
            try event.document == [
                "email": "a@b.c", "type": "USER", "shoe": 2, "customAttributes.email": "other", "nested": ["a": nil],
            ])
    }

    @Test(arguments: ["null", #""""#]) func noAccountTakesTheUserOut(_ account: String) throws {
        let text = #"{"identifyId": "ann", "accountId": \#(account)}"#
        #expect(try form.rows(text, type: .identifyUser)[0][.companyID] == "")
        #expect(try form.rows(#"{"identifyId": "ann"}"#, type: .identifyUser)[0][.companyID] == nil)
    }

    @Test func accountsAndTheirFields() throws {
        let event = try form.rows(
            #"{"id": "acme", "name": "Acme", "numberOfUsers": 4, "accountId": "own", "customAttributes": null}"#,
            type: .identifyCompany)[0]
        #expect(event.type == .identifyCompany)
        #expect(event[.companyID] == "acme" && event[.userID] == nil)
        #expect(try event.document == ["name": "Acme", "accountId": "own"])
    }

    /// px-data-loader sends booleans as texts.
    @Test func booleansMayBeTexts() throws {
        let text = #"{"identifyId": "ann", "globalUnsubscribe": "true", "customAttributes": {"vip": "true"}}"#
        #expect(try form.rows(text, type: .identifyUser)[0].document == ["globalUnsubscribe": true, "vip": "true"])
    }

    @Test func customEvents() throws {
        let event = try form.rows(
            """
            {"identifyId": "ann", "eventName": "bought", "date": 1749999999000, "attributes": {"a": {"b": 1}},
             "accountId": "acme", "url": "https://x.example/p?q=1", "referrer": "r", "sessionId": "s", "eventId": "e",
             "propertyKey": "AP-1", "globalContext": null}
            """, type: .track)[0]
        #expect(event.type == .track && event[.eventName] == "bought" && event[.userID] == "ann")
        #expect(event.occurredAt == Timestamp(seconds: 1_749_999_999))
        #expect(event[.hostname] == "x.example" && event[.pathname] == "/p")
        #expect(event[.session] == "s" && event[.clientEventID] == "e" && event[.companyID] == "acme")
        let context: JSONValue = [
            "url": "https://x.example/p?q=1", "propertyKey": "AP-1", "globalContext": nil,
        ]
        #expect(try event.document == ["a": ["b": 1], "$context": context])
    }

    @Test func timesOfCustomEvents() throws {
        func time(_ date: String) throws -> Timestamp {
            try form.rows(#"{"identifyId": "a", "eventName": "e", "date": \#(date)}"#, type: .track)[0].occurredAt
        }
        #expect(try time("null") == GainsightEvents.now)
        #expect(try time(#""2025-06-15T15:06:39Z""#) == Timestamp(seconds: 1_749_999_999))
        #expect(try time(#""1749999999000""#) == Timestamp(seconds: 1_749_999_999))
        for wrong in ["true", #""soon""#, "9223372036854775807", #""""#] {
            let text = #"{"identifyId": "a", "eventName": "e", "date": \#(wrong)}"#
            #expect(form.rejection(text, type: .track)?.field == "date")
        }
    }

    @Test(arguments: [
        ("[]", EventType.track, ""), ("{}", .track, "identifyId"), (#"{"identifyId": "a"}"#, .track, "eventName"),
        (#"{"identifyId": "", "eventName": "e"}"#, .track, "identifyId"),
        (#"{"identifyId": 1, "eventName": "e"}"#, .track, "identifyId"),
        (#"{"identifyId": "a", "eventName": "e", "attributes": []}"#, .track, "attributes"),
        (#"{"identifyId": "a", "eventName": "e", "accountId": 1}"#, .track, "accountId"),
        ("{}", .identifyUser, "identifyId"), ("{}", .identifyCompany, "id"),
        (#"{"id": "a", "customAttributes": 1}"#, .identifyCompany, "customAttributes"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ type: EventType, _ field: String) {
        #expect(form.rejection(text, type: type)?.field == field)
    }

    @Test func fiveHundredAttributesAreTheMost() throws {
        func user(_ count: Int) -> String {
            let members = (0..<count).map { #""p\#($0)": 1"# }.joined(separator: ", ")
            return #"{"identifyId": "a", "customAttributes": {\#(members)}}"#
        }
        #expect(try form.rows(user(500), type: .identifyUser).count == 1)
        #expect(form.rejection(user(501), type: .identifyUser)?.reason == .tooManyProperties)
    }
}
