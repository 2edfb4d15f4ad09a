import GRDB

/// Indexes for what was found by reading whole tables.
enum Migration014QueryPlans {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- Which experiences are to start or to stop is asked every few seconds
                CREATE INDEX experiences_by_status ON resources (status, project_id) WHERE kind = 'experience';

                -- A project takes its tokens with it, and the expired ones go whenever one is made
                CREATE INDEX debug_tokens_by_project ON debug_tokens (project_id);
                CREATE INDEX debug_tokens_by_expiry ON debug_tokens (expires_at);

                -- The history of one thing and of its parts, in whichever project it is
                DROP INDEX changes_by_object;
                CREATE INDEX changes_by_object ON changes (object_id, object);
                CREATE INDEX changes_by_parent ON changes (parent_object_id) WHERE parent_object_id IS NOT NULL;
                """)
    }
}
