import GRDB

/// How much experiences are visited, and how many pictures were uploaded lately.
enum Migration012Traffic {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE INDEX screenshots_uploaded ON screenshots (project_id, created_at) WHERE is_manual;

                -- How many visitors have seen an experience, and how often goals were reached in it
                CREATE TABLE experience_traffic (
                    experience_id INTEGER PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
                    project_id INTEGER NOT NULL,
                    visitors INTEGER NOT NULL,
                    conversions INTEGER NOT NULL
                );
                CREATE INDEX experience_traffic_by_project ON experience_traffic (project_id);

                -- Visitors of before are known; what they did is in the event store only
                INSERT INTO experience_traffic (experience_id, project_id, visitors, conversions)
                SELECT resources.id, resources.project_id, count(*), 0
                FROM visitors, json_each(visitors.buckets) AS bucket
                JOIN resources ON resources.id = CAST(bucket.key AS INTEGER)
                    AND resources.project_id = visitors.project_id
                GROUP BY resources.id;
                """)
    }
}
