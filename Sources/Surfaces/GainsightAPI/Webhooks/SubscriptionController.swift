import Gateway
import HTTPTypes
import Identity
import JSON
import Webhooks

/// Subscriptions as the base contract has them; the rest of them is Sextant's own interface.
struct SubscriptionController: Sendable {
    let subscriptions: SubscriptionStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listSubscriptions", allow: .readOfGainsight) { key, _ in
            let list = try await subscriptions.list(environmentID: key.environmentID)
            return .json(["results": .array(list.map(Self.json))])
        }
        surface.on("createSubscription", allow: .manageOfGainsight) { key, request in
            let body = try request.json
            let made: Subscription
            do {
                made = try await subscriptions.create(
                    name: body["name"]?.string ?? "", callbackURL: body["callbackUrl"]?.string ?? "",
                    eventType: body["eventType"]?.string ?? "", environmentID: key.environmentID)
            } catch let error as SubscriptionError {
                throw InBaseTerms(error)
            }
            return .json(Self.json(made), status: .created)
        }
    }

    /// A refusal with the base contract's names of the fields.
    private struct InBaseTerms: FieldError {
        let field: String?
        let message: String

        init(_ error: SubscriptionError) {
            field =
                switch error {
                case .invalidName, .tooMany: error.field
                case .invalidEventType: "eventType"
                case .invalidAddress: "callbackUrl"
                }
            message = error.message
        }
    }

    private static func json(_ subscription: Subscription) -> JSONValue {
        [
            "id": .string("\(subscription.id)"), "name": .string(subscription.name),
            "callbackUrl": .string(subscription.callbackURL), "eventType": .string(subscription.eventType),
            "active": .bool(subscription.state == .active),
        ]
    }
}
