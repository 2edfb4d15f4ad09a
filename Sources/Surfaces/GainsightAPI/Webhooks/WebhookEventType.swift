import EventStore
import JSON
import Text
import Webhooks

/// What a subscription is about: one of the vendor's kinds of webhooks, else custom events of that name.
enum WebhookEventType {
    case custom
    case customNamed(String)
    case featureMatch
    case engagement
    case survey
    case segment
    case feedback
    case segmentIO
    case signUp

    /// Matched without case; spaces and hyphens stand for underscores.
    init(_ text: String) {
        let bytes = text.utf8.map { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
        switch String(decoding: bytes, as: UTF8.self).uppercased() {
        case "CUSTOM": self = .custom
        case "FEATURE_MATCH": self = .featureMatch
        case "ENGAGEMENT": self = .engagement
        case "SURVEY": self = .survey
        case "SEGMENT": self = .segment
        case "FEEDBACK": self = .feedback
        case "SEGMENT_IO": self = .segmentIO
        case "SIGN_UP": self = .signUp
        default: self = .customNamed(text)
        }
    }

    /// What messages call it.
    var name: String {
        switch self {
        case .custom, .customNamed: "CUSTOM"
        case .featureMatch: "FEATURE_MATCH"
        case .engagement: "ENGAGEMENT"
        case .survey: "SURVEY"
        case .segment: "SEGMENT"
        case .feedback: "FEEDBACK"
        case .segmentIO: "SEGMENT_IO"
        case .signUp: "SIGN_UP"
        }
    }

    private static let context = EventList.Text.property([CustomEvent.contextName, "eventType"])
    private static let isSurvey = EventList.Term.text(.field(.eventName), .like, "survey:*:*")
    private static let isNoSurvey = EventList.Term.text(.field(.eventName), .unlike, "survey:*:*")

    var selection: WebhookSelection {
        switch self {
        case .custom: WebhookSelection(types: [.track])
        case .customNamed(let name):
            WebhookSelection(types: [.track], alternatives: [[.text(.field(.eventName), .equal, name)]])
        case .featureMatch: WebhookSelection(types: [.trackFeature])
        case .engagement: WebhookSelection(types: [.interaction], alternatives: [[Self.isNoSurvey]])
        case .survey: WebhookSelection(types: [.interaction], alternatives: [[Self.isSurvey]])
        case .segment:
            WebhookSelection(types: [.track], alternatives: [[.text(Self.context, .equal, "SEGMENT_MATCH")]])
        case .feedback:
            WebhookSelection(types: [.track], alternatives: [[.text(Self.context, .equal, "FEEDBACK")]])
        case .segmentIO:
            WebhookSelection(
                types: EventType.allCases, alternatives: [[.text(.source, .equal, EventSource.backendSegment.name)]])
        case .signUp: WebhookSelection(types: [.identifyUser])
        }
    }

    /// Members of the event besides those that all have.
    func members(of event: ShownEvent) -> [(String, JSONValue)] {
        switch self {
        case .custom, .customNamed:
            [
                ("eventName", .string(event.text(.eventName))), ("attributes", .object(event.attributes)),
                ("url", .string(event.url)), ("referrer", .string(event.text(.referrer))),
                ("remoteHost", event.said("remoteHost") ?? ""),
            ]
        case .featureMatch:
            [
                ("featureId", .string(event.text(.eventName))),
                ("featureName", event.attributes["featureName"] ?? .string(event.text(.eventName))),
            ]
        case .segment:
            [
                ("segmentId", event.attributes["segmentId"] ?? ""),
                ("segmentName", event.attributes["segmentName"] ?? ""),
            ]
        case .feedback: event.attributes.members.map { ($0.key, $0.value) }
        case .engagement:
            [("interaction", "VIEWED"), ("executionId", ""), ("executionDate", 0), ("stepNumber", 0)]
                + event.interaction
        case .survey: [("interaction", "SINGLE_STEP_SURVEY_RESPONDED")] + event.interaction
        case .segmentIO:
            [
                (
                    "segmentIOEvent",
                    [
                        "event": .string(event.text(.eventName)), "userId": .string(event.text(.userID)),
                        "properties": .object(event.attributes),
                    ]
                )
            ]
        case .signUp: []
        }
    }
}
