import EventStore
import JSON

/// One of the lists of events that the interface has: which events are in it, what they are filtered and sorted by, and how they
/// are shown.
struct EventReader: Sendable {
    let operationID: String
    /// The member of the answer that holds the events.
    let key: String
    let types: [EventType]
    /// What all events of the list satisfy.
    var terms: [EventList.Term] = []
    /// What they are filtered by besides their date.
    let filters: [(name: String, text: EventList.Text)]
    /// What they are sorted by besides their date.
    var sorts: [(name: String, text: EventList.Text)] = []
    /// What the vendor calls them (`eventType`).
    let eventType: String
    /// Members beside those that all events have.
    let shown: @Sendable (ShownEvent) -> [(String, JSONValue)]

    func filter(_ name: String) -> EventList.Text? { Self.text(name, in: filters) }

    func sort(_ name: String) -> EventList.Text? { Self.text(name, in: sorts) }

    private static func text(_ name: String, in list: [(name: String, text: EventList.Text)]) -> EventList.Text? {
        list.first { $0.name.utf8.elementsEqual(name.utf8) }?.text
    }
}

extension EventReader {
    private static let user = (name: "identifyId", text: EventList.Text.identifier(.field(.userID)))
    private static let account = (name: "accountId", text: EventList.Text.identifier(.field(.companyID)))

    private static func property(_ name: String) -> (name: String, text: EventList.Text) {
        (name: name, text: .property([name]))
    }

    private static func id(_ name: String) -> (name: String, text: EventList.Text) {
        (name: name, text: .identifier(.property([name])))
    }

    /// What a client calls an event beside its name, see ``CustomEvent/contextName``.
    private static let context = EventList.Text.property([CustomEvent.contextName, "eventType"])

    /// Custom events that carry the `eventType` of another list are in that one.
    private static let elsewhere = ["EMAIL", "FORM_SUBMIT", "SEGMENT_MATCH"]

    static let all: [EventReader] = [
        EventReader(
            operationID: "listCustomEvents", key: "customEvents", types: [.track],
            terms: elsewhere.map { .text(context, .unequal, $0) },
            filters: [user, account, (name: "eventName", text: .field(.eventName))], sorts: [account],
            eventType: "CUSTOM"
        ) { event in
            [
                ("eventName", .string(event.text(.eventName))), ("attributes", .object(event.attributes)),
                ("url", .string(event.url)), ("referrer", .string(event.text(.referrer))),
                ("remoteHost", event.said("remoteHost") ?? ""),
            ]
        },
        EventReader(
            operationID: "listEmailEvents", key: "results", types: [.track],
            terms: [.text(context, .equal, "EMAIL")],
            filters: [
                user, property("email"), id("engagementId"), property("emailTrackType"),
                property("executionDate"),
            ], eventType: "EMAIL"
        ) { $0.attributes.members },
        EventReader(
            operationID: "listFormSubmitEvents", key: "results", types: [.track],
            terms: [.text(context, .equal, "FORM_SUBMIT")], filters: [user], eventType: "FORM_SUBMIT"
        ) { $0.page + [("formData", $0.attributes["formData"] ?? .object($0.attributes))] },
        EventReader(
            operationID: "listEngagementViewEvents", key: "results", types: [.interaction],
            filters: [
                user, account, property("contentType"), property("carouselState"), property("guideState"),
                property("surveyState"),
            ], sorts: [account], eventType: "ENGAGEMENT"
        ) { $0.interaction },
        EventReader(
            operationID: "listSurveyResponses", key: "results", types: [.interaction],
            terms: [.text(.field(.eventName), .like, "survey:*:*")],
            filters: [user, account, property("contentType")], sorts: [account], eventType: "SURVEY"
        ) { $0.interaction },
        EventReader(
            operationID: "listFeatureMatchEvents", key: "featureMatchEvents", types: [.trackFeature],
            filters: [(name: "featureId", text: .identifier(.field(.eventName))), user, account], sorts: [account],
            eventType: "FEATURE_MATCH"
        ) { [("featureId", .string($0.text(.eventName)))] },
        EventReader(
            operationID: "listSegmentMatchEvents", key: "featureMatchEvents", types: [.track],
            terms: [.text(context, .equal, "SEGMENT_MATCH")],
            filters: [id("segmentId"), user, account], sorts: [account], eventType: "SEGMENT_MATCH"
        ) { [("segmentId", $0.attributes["segmentId"] ?? "")] },
        EventReader(
            operationID: "listIdentifyEvents", key: "identifyEvents", types: [.identifyUser],
            filters: [user, property("email")], sorts: [account], eventType: "IDENTIFY"
        ) { [("email", $0.attributes["email"] ?? "")] },
        EventReader(
            operationID: "listLeadEvents", key: "results", types: [.identifyUser],
            terms: [.text(.property(["type"]), .equal, "LEAD")], filters: [user, property("email")], sorts: [account],
            eventType: "LEAD"
        ) { [("email", $0.attributes["email"] ?? "")] },
        EventReader(
            operationID: "listPageViewEvents", key: "results", types: [.pageView],
            filters: [
                user, account, (name: "path", text: .field(.pathname)), property("queryString"),
                (name: "pageTitle", text: .first([.property(["pageTitle"]), .property(["title"])])),
                (name: "host", text: .field(.hostname)),
            ], sorts: [account], eventType: "PAGE_VIEW"
        ) { $0.page },
        EventReader(
            operationID: "listSessionEvents", key: "sessionInitializedEvents", types: [.sessionStart],
            filters: [user, account], sorts: [account], eventType: "SESSION"
        ) { event in
            [("remoteHost", event.said("remoteHost") ?? ""), ("inferredLocation", event.inferredLocation)]
        },
    ]
}
