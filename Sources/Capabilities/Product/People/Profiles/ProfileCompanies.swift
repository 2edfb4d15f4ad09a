public import ControlStore
public import EventStore

/// The companies that profiles name.
public struct ProfileCompanies: KnownCompanies {
    /// Asked by the thread that all events wait for.
    private let reader: ControlReader

    /// - Throws: ``StoreError``.
    public init(store: ControlStore) throws {
        reader = try store.makeReader()
    }

    public func companies(of users: [EventUser]) throws -> [String?] {
        try reader.read { database in
            let statement = try database.prepare(
                "SELECT company_id FROM persons WHERE environment_id = ? AND user_id = ?")
            return try users.map { user in
                try statement.value(String.self, arguments: [user.environmentID, user.userID])
            }
        }
    }
}
