import GRDB

/// How the files beside the control store are recognised.
enum Migration016FolderMarks {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE folder_marks (
                    name TEXT PRIMARY KEY NOT NULL,
                    value TEXT NOT NULL
                ) WITHOUT ROWID;
                """)
    }
}
