public import ControlStore
public import Cryptography
public import EventStore
public import Logging
public import Time
public import WebFetch

/// Who is told of events, what was told, and who does it.
public struct WebhookService: Sendable {
    public let subscriptions: SubscriptionStore
    public let deliveries: DeliveryStore
    public let secrets: WebhookSecrets
    public let dispatcher: WebhookDispatcher

    /// - Parameters:
    ///   - feed: knows whose events are new.
    ///   - networks: that receivers may be in besides the public internet.
    ///   - key: what secrets of subscriptions are derived from.
    ///   - form: which events types stand for, and how they are told.
    public init(
        store: ControlStore, log: EventStore, feed: ProjectionFeed, networks: [Network], key: SecretKey,
        form: any WebhookForm,
        clock: WallClock, logger: Logger
    ) {
        subscriptions = SubscriptionStore(
            store: store, log: log, addresses: CallbackAddresses(networks: networks), clock: clock)
        deliveries = DeliveryStore(store: store)
        secrets = WebhookSecrets(key: key)
        dispatcher = WebhookDispatcher(
            subscriptions: subscriptions, deliveries: deliveries, log: log, feed: feed,
            sender: WebhookSender(secrets: secrets, networks: networks, clock: clock), form: form, clock: clock,
            logger: logger)
    }
}
