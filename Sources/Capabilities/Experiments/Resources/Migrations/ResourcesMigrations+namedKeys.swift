public import ControlStore
import JSON

extension ResourcesMigrations {
    /// Which keys of experiences rules name, so that none goes under them.
    public static let namedExperienceKeys = SchemaChange { database in
        try database.run(
            script: """
                -- Keys need not be any that the project has
                CREATE TABLE named_experience_keys (
                    resource_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                    experience_key TEXT NOT NULL,
                    -- that of the resource, which never moves
                    project_id INTEGER NOT NULL,
                    PRIMARY KEY (resource_id, experience_key)
                ) \(SQL.keyedByPrimaryKey);
                CREATE INDEX named_experience_keys_by_key ON named_experience_keys (project_id, experience_key);
                """)
        // One document at a time, however many there are. What cannot be read names nothing, as before.
        let rows = try database.cursor(
            sql: "SELECT id, project_id, document FROM resources WHERE instr(document, 'bucketed_into_experience_key')")
        while let row = try rows.next() {
            let (id, projectID, document): (Int64, Int64, String) = try (
                row.read("id"), row.read("project_id"), row.read("document")
            )
            guard let document = try? JSONValue(stored: document) else { continue }
            for member in ["rules", "triggering_rule", "site_area"] {
                try each(in: document[member] ?? .null) { key in
                    try database.execute(
                        sql: "INSERT INTO named_experience_keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                        arguments: [id, key, projectID])
                }
            }
        }
    }

    private static func each(in value: JSONValue, _ body: (String) throws -> Void) throws {
        switch value {
        case .array(let elements): for element in elements { try each(in: element, body) }
        case .object(let members):
            if members["rule_type"] == "bucketed_into_experience_key", let key = members["value"]?.string {
                return try body(key)
            }
            for (_, member) in members { try each(in: member, body) }
        default: break
        }
    }
}
