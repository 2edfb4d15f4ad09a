import ControlStore
import EventStore

/// One thing that a receiver is told of.
enum WebhookSubject: Sendable {
    case event(LoggedEvent)
    case announcement(Announcement)

    /// `webhook-id`: the same however often it is told.
    func messageID(for subscription: Subscription) -> String {
        switch self {
        case .event(let logged): "msg_\(logged.identifier)_\(subscription.id)"
        case .announcement(let announcement): "msg_a\(announcement.id)_\(subscription.id)"
        }
    }

    /// Whom it is about.
    var people: (user: String?, company: String?) {
        switch self {
        case .event(let logged): (logged.event[.userID], logged.event[.companyID])
        case .announcement: (nil, nil)
        }
    }

    /// A position that has come right behind it.
    func behind(_ position: WebhookPosition) -> WebhookPosition {
        var position = position
        switch self {
        case .event(let logged): position.log = LogPosition(after: logged.identifier)
        case .announcement(let announcement): position.announcement = announcement.id
        }
        return position
    }
}

/// Some of what a subscription is to be told of, in its order.
struct WebhookPage: Sendable {
    let subjects: [WebhookSubject]
    /// Up to there is nothing besides them.
    let upTo: WebhookPosition
}

extension EventList.Page {
    var logged: [LoggedEvent] {
        events.indices.map {
            LoggedEvent(event: events[$0], identifier: identifiers[$0], receivedAt: receivedAt[$0])
        }
    }
}
