public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum WebhooksMigrations {
    /// Who wants to be told of events, and what became of telling them.
    public static let webhooks = SchemaChange(
        script: """
            CREATE TABLE webhook_subscriptions (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                callback_url TEXT NOT NULL,
                event_type TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
                -- why it was disabled
                reason TEXT,
                -- up to where in the log its events were told, or wait to be told again
                position TEXT NOT NULL,
                -- how often its secret was made anew, and when that was last
                secret_version INTEGER NOT NULL DEFAULT 1,
                secret_rotated_at INTEGER,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL
            );
            CREATE INDEX webhook_subscriptions_by_environment ON webhook_subscriptions (environment_id, id);
            CREATE INDEX webhook_subscriptions_by_state ON webhook_subscriptions (state);

            CREATE TABLE webhook_deliveries (
                id \(SQL.identity),
                subscription_id INTEGER NOT NULL REFERENCES webhook_subscriptions (id) ON DELETE CASCADE,
                environment_id INTEGER NOT NULL,
                -- what receivers tell doubles by
                message_id TEXT NOT NULL,
                event_type TEXT NOT NULL,
                user_id TEXT,
                company_id TEXT,
                state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
                body TEXT NOT NULL,
                -- of the body
                byte_count INTEGER NOT NULL,
                attempts INTEGER NOT NULL,
                next_attempt_at INTEGER,
                created_at INTEGER NOT NULL,
                attempted_at INTEGER NOT NULL,
                -- what the receiver said last: the status is null when there was no answer
                status INTEGER,
                answer TEXT NOT NULL
            );
            CREATE INDEX webhook_deliveries_by_subscription ON webhook_deliveries (subscription_id, id);
            CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (subscription_id, state, id);
            CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_attempt_at, subscription_id)
                WHERE state = 'waiting';
            CREATE INDEX webhook_deliveries_by_user ON webhook_deliveries (environment_id, user_id);
            CREATE INDEX webhook_deliveries_by_company ON webhook_deliveries (environment_id, company_id);
            """)

    /// How far subscriptions have come among announcements.
    public static let announcements = SchemaChange(
        script: """
            -- up to which announcement its receiver was told, or waits to be told again
            ALTER TABLE webhook_subscriptions ADD COLUMN announcement_id INTEGER NOT NULL DEFAULT 0;
            """)
}
