import GRDB

/// Which goals visitors have reached.
enum Migration017VisitorGoals {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- As a JSON object, goal to an array: 0 for a conversion that was sent, 1 for one that a transaction implied and
                -- that may still be sent; then the experiences that it counted for
                ALTER TABLE visitors ADD COLUMN goals TEXT NOT NULL DEFAULT '{}';
                """)
    }
}
