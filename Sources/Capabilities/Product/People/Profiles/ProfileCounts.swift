import ControlStore

/// How many profiles environments have: kept, since counting a million takes longer than a page may.
enum ProfileCounts {
    struct Change {
        var persons = 0
        var companies = 0
    }

    static func add(_ change: Change, to environmentID: Int64, in database: Database) throws {
        guard change.persons != 0 || change.companies != 0 else { return }
        try database.execute(
            prepared: """
                INSERT INTO profile_counts (environment_id, persons, companies) VALUES (?1, ?2, ?3)
                ON CONFLICT (environment_id) DO UPDATE SET
                    persons = persons + excluded.persons, companies = companies + excluded.companies
                """,
            arguments: [environmentID, change.persons, change.companies])
    }

    static func read(_ kind: ProfileKind, of environmentID: Int64, from database: Database) throws -> Int {
        switch kind {
        case .person:
            try database.value(
                Int.self, prepared: "SELECT persons FROM profile_counts WHERE environment_id = ?",
                arguments: [environmentID]) ?? 0
        case .company:
            try database.value(
                Int.self, prepared: "SELECT companies FROM profile_counts WHERE environment_id = ?",
                arguments: [environmentID]) ?? 0
        }
    }
}
