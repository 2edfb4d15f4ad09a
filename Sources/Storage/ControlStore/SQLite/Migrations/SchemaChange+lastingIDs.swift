extension SchemaChange {
    /// Has tables that give out ids give each out once, as ``SQL/identity`` does: up to now the id of a row that was removed
    /// could come again.
    ///
    /// The rows stay as they are: SQLite goes on from the greatest id that there is, so only the text of the schema is
    /// changed, as ``loosening(_:from:)`` does.
    /// - Parameter tables: whose `id` was `INTEGER PRIMARY KEY`.
    public static func lastingIDs(of tables: String...) -> SchemaChange {
        SchemaChange { database in
            let version = try database.value(Int.self, sql: "PRAGMA schema_version") ?? 0
            try database.run(script: "PRAGMA writable_schema = ON")
            for table in tables {
                try database.execute(
                    sql: "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
                    arguments: ["id INTEGER PRIMARY KEY,", "id \(SQL.identity),", table])
            }
            // Connections read the schema anew.
            try database.run(
                script: "PRAGMA schema_version = \(version + 1); PRAGMA writable_schema = RESET")
        }
    }
}
