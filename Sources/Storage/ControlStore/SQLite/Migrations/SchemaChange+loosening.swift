extension SchemaChange {
    /// Takes out what binds rows to the row that they belong to, and has them go with it in its transaction. Rows that may be
    /// millions would have all others wait for that: a job removes them afterwards, piece by piece.
    ///
    /// The rows stay as they are, so only the text of the schema is changed, in the way that SQLite names for this
    /// (https://www.sqlite.org/lang_altertable.html#otheralter).
    /// - Parameters:
    ///   - tables: those of the rows.
    ///   - whole: the table of what they belong to, by its `id`.
    public static func loosening(_ tables: String..., from whole: String) -> SchemaChange {
        SchemaChange { database in
            let version = try database.value(Int.self, sql: "PRAGMA schema_version") ?? 0
            try database.run(script: "PRAGMA writable_schema = ON")
            for table in tables {
                try database.execute(
                    sql: "UPDATE sqlite_master SET sql = replace(sql, ?, '') WHERE type = 'table' AND name = ?",
                    arguments: [" REFERENCES \(whole) (id) ON DELETE CASCADE", table])
            }
            // Connections read the schema anew.
            try database.run(
                script: "PRAGMA schema_version = \(version + 1); PRAGMA writable_schema = RESET")
        }
    }
}
