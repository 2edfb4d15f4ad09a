import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Time
import Webhooks

/// Subscriptions to events, and what was sent for them.
struct WebhooksController: Sendable {
    let webhooks: WebhookService
    let clock: WallClock

    private var subscriptions: SubscriptionStore { webhooks.subscriptions }
    private var deliveries: DeliveryStore { webhooks.deliveries }

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listWebhooks", allow: .read) { key, _ in
            .json(.array(try await subscriptions.list(environmentID: key.environmentID).map(Self.json)))
        }
        surface.on("createWebhook", allow: .manage) { key, request in
            let body = try request.json
            let made = try await subscriptions.create(
                name: body["name"]?.string ?? "", callbackURL: body["callback_url"]?.string ?? "",
                eventType: body["event_type"]?.string ?? "", environmentID: key.environmentID)
            return .json(withSecret(made), status: .created)
        }
        surface.on("getWebhook", allow: .manage) { key, request in .json(withSecret(try await find(key, request))) }
        surface.on("updateWebhook", allow: .manage, update)
        surface.on("deleteWebhook", allow: .manage) { key, request in
            let id = try request.pathID("webhook_id")
            guard try await subscriptions.delete(id, environmentID: key.environmentID) else { throw Self.missing(id) }
            return .noContent
        }
        surface.on("rotateWebhookSecret", allow: .manage) { key, request in
            let id = try request.pathID("webhook_id")
            guard let rotated = try await subscriptions.rotateSecret(id, environmentID: key.environmentID) else {
                throw Self.missing(id)
            }
            return .json(withSecret(rotated))
        }
        surface.on("testWebhook", allow: .manage, test)
        surface.on("listWebhookDeliveries", allow: .read, list)
        surface.on("getWebhookDelivery", allow: .read) { key, request in
            let subscription = try await find(key, request)
            let id = try request.pathID("delivery_id")
            guard let delivery = try await deliveries.delivery(id, subscriptionID: subscription.id) else {
                throw APIError.notFound("There is no delivery \(id).")
            }
            return .json(Self.json(delivery, withBody: true))
        }
        surface.on("replayWebhookDeliveries", allow: .manage, replay)
    }

    private func update(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("webhook_id")
        let body = try request.json
        let changes = SubscriptionChanges(
            name: body["name"]?.string, callbackURL: body["callback_url"]?.string,
            state: body["state"]?.string.flatMap(Subscription.State.init(rawValue:)))
        guard let changed = try await subscriptions.update(id, changes, environmentID: key.environmentID) else {
            throw Self.missing(id)
        }
        return .json(Self.json(changed))
    }

    private func test(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let subscription = try await find(key, request)
        let body: JSONValue = [
            "test": true, "configId": .string("\(subscription.id)"),
            "event": ["eventType": .string(subscription.eventType), "date": .integer(clock.now.milliseconds)],
        ]
        let (status, answer) = try await webhooks.dispatcher.test(subscription, body: body.encoded())
        return .json(["status": status.map { .integer(Int64($0)) } ?? .null, "answer": .string(answer)])
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let subscription = try await find(key, request)
        let page = try PageOfIDs(request)
        let found = try await deliveries.list(
            subscriptionID: subscription.id,
            state: request.query.string("state").flatMap(Delivery.State.init(rawValue:)),
            before: page.after == 0 ? nil : page.after, limit: page.limit + 1)
        let next = found.count > page.limit ? found[page.limit - 1].id : nil
        return .json([
            "data": .array(found.prefix(page.limit).map { Self.json($0, withBody: false) }),
            "metadata": [
                "cursor": ["after": .text(next.map { PageCursor(lastID: $0).text }), "before": .null],
                "limit": .integer(Int64(page.limit)),
            ],
        ])
    }

    /// Messages of the log of deliveries by their ids, or events of the log since a time.
    private func replay(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let subscription = try await find(key, request)
        let body = try request.json
        if let text = body["since"]?.string {
            guard let since = Timestamp(text) else {
                throw APIError.invalid("since", "since must be an ISO 8601 time such as 2026-05-11T07:45:30Z.")
            }
            _ = try await subscriptions.update(
                subscription.id, SubscriptionChanges(since: since), environmentID: key.environmentID)
            return .json(["replayed": nil], status: .accepted)
        }
        guard let first = body["from_id"]?.int64 else {
            throw APIError.invalid("from_id", "Give from_id, and perhaps to_id, or since.")
        }
        let count = try await deliveries.replay(
            subscriptionID: subscription.id, from: first, to: body["to_id"]?.int64 ?? first, at: clock.now)
        return .json(["replayed": .integer(Int64(count))], status: .accepted)
    }

    private func find(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> Subscription {
        let id = try request.pathID("webhook_id")
        guard let found = try await subscriptions.subscription(id, environmentID: key.environmentID) else {
            throw Self.missing(id)
        }
        return found
    }

    private static func missing(_ id: Int64) -> APIError { .notFound("There is no webhook \(id).") }

    private func withSecret(_ subscription: Subscription) -> JSONValue {
        var members = Self.json(subscription).object ?? JSONObject()
        members["secret"] = .string(webhooks.secrets.secret(of: subscription))
        return .object(members)
    }

    private static func json(_ subscription: Subscription) -> JSONValue {
        [
            "id": .integer(subscription.id), "name": .string(subscription.name),
            "callback_url": .string(subscription.callbackURL), "event_type": .string(subscription.eventType),
            "state": .string(subscription.state.rawValue), "reason": .text(subscription.reason),
            "created_at": .time(subscription.createdAt), "updated_at": .time(subscription.updatedAt),
        ]
    }

    private static func json(_ delivery: Delivery, withBody: Bool) -> JSONValue {
        var members = JSONObject([
            ("id", .integer(delivery.id)), ("message_id", .string(delivery.messageID)),
            ("event_type", .string(delivery.eventType)), ("state", .string(delivery.state.rawValue)),
            ("attempts", .integer(Int64(delivery.attempts))),
            ("next_attempt_at", delivery.nextAttemptAt.map { .time($0) } ?? .null),
            ("created_at", .time(delivery.createdAt)), ("attempted_at", .time(delivery.attemptedAt)),
            ("status", delivery.status.map { .integer(Int64($0)) } ?? .null), ("answer", .string(delivery.answer)),
        ])
        if withBody { members["body"] = .string(delivery.body) }
        return .object(members)
    }
}
