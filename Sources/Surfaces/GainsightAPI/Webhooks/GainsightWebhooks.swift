public import ControlStore
public import EventStore
import JSON
public import People
import Time
public import Webhooks

/// How events are told to those who subscribed to them: as the vendor's webhooks are (contract schema `WebhookPayload`), one
/// event a message.
public struct GainsightWebhooks: WebhookForm {
    private let people: PeopleStore
    private let feed: ProjectionFeed
    private let told = ToldProfiles()

    /// - Parameter feed: has profiles show an event before it is told.
    public init(people: PeopleStore, feed: ProjectionFeed) {
        self.people = people
        self.feed = feed
    }

    /// Announcements are called by their very names, so that custom events may be called nearly so.
    public func source(of eventType: String) -> WebhookSource {
        Announcement.Kind(rawValue: eventType).map { .announcements($0) } ?? .log(WebhookEventType(eventType).selection)
    }

    public func body(of logged: LoggedEvent, for subscription: Subscription) async throws -> [UInt8]? {
        let event = logged.event
        // What was found in the past did not happen now.
        if event.isUseFoundLater { return nil }
        try await feed.catchUp(to: LogPosition(after: logged.identifier))
        let shown = ShownEvent(event, logged.identifier)
        let profile = try await told.profile(of: logged.identifier) { try await self.profile(of: event, shown) }
        let type = WebhookEventType(subscription.eventType)
        if case .signUp = type {
            // What says more of the profile later came after.
            guard profile.signedUpBy == logged.identifier.description else { return nil }
        }
        let body: JSONValue = [
            "user": profile.user, "account": profile.account,
            "event": shown.json(type.name, productKey: "", type.members(of: shown)),
            "configId": .string("\(subscription.id)"),
        ]
        return body.encoded()
    }

    /// No user and no account are in it: it is about none. What is announced is in the words of the interfaces that show it.
    public func body(of announcement: Announcement, for subscription: Subscription) -> [UInt8] {
        let event: JSONValue = [
            "eventType": .string(announcement.kind.rawValue), "eventId": .string("a\(announcement.id)"),
            "date": .integer(announcement.createdAt.milliseconds),
        ]
        var body = JSONObject([("event", event)])
        for (name, value) in announcement.content { body[name] = value }
        body["configId"] = .string("\(subscription.id)")
        return JSONValue.object(body).encoded()
    }

    /// The account is the event's, else the one that the user is in.
    private func profile(of event: EventView, _ shown: ShownEvent) async throws -> ToldProfile {
        func id(_ field: EventField) -> String? { event[field].flatMap { $0.isEmpty ? nil : $0 } }
        let (person, company) = try await people.profiles(
            environmentID: event.environmentID, userID: id(.userID), companyID: id(.companyID))
        return ToldProfile(
            signedUpBy: person?.signedUpBy,
            user: person?.shown
                ?? ProfileFields.user.unknown(JSONObject([("identifyId", .string(shown.text(.userID)))])),
            account: company?.shown ?? ProfileFields.account.unknown(JSONObject()))
    }
}
