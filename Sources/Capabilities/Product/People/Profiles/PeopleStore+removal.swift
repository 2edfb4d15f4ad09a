import ControlStore
import Text
public import Time

/// Removal that is seen at once; what is left of whom is removed is erased by others.
extension PeopleStore {
    /// Hides a user from everybody: no list, lookup or segment has them. Their next event brings them back as they were.
    /// - Returns: false when there is no such user.
    public func hide(user userID: String, environmentID: Int64, at time: Timestamp) async throws -> Bool {
        try await store.write { database in
            var writer = try ProfileWriter(database)
            let subject = ProfileChanges.Subject(environmentID: environmentID, id: ClientText(userID))
            guard try writer.hidePerson(subject, at: time.microseconds) else { return false }
            try writer.finish()
            return true
        }
    }

    /// Removes a user's profile, hidden or not.
    public func drop(user userID: String, environmentID: Int64) async throws {
        try await store.write { database in
            var writer = try ProfileWriter(database)
            try writer.removePerson(.init(environmentID: environmentID, id: ClientText(userID)))
            try writer.finish()
        }
    }

    /// Removes a company's profile. Its users stay in it, for who goes on to remove them.
    public func drop(company companyID: String, environmentID: Int64) async throws {
        try await store.write { database in
            var writer = try ProfileWriter(database)
            try writer.dropCompany(.init(environmentID: environmentID, id: ClientText(companyID)))
            try writer.finish()
        }
    }

    /// Whether there is a user of this id, hidden or not.
    public func knows(user userID: String, environmentID: Int64) async throws -> Bool {
        try await store.read { database in
            try database.value(
                Bool.self,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM persons WHERE environment_id = ?1 AND user_id = ?2)
                        OR EXISTS (SELECT 1 FROM removed_persons WHERE environment_id = ?1 AND user_id = ?2)
                    """,
                arguments: [environmentID, userID]) ?? false
        }
    }

    /// Whether there is a company of this id.
    public func knows(company companyID: String, environmentID: Int64) async throws -> Bool {
        try await company(environmentID: environmentID, companyID: companyID) != nil
    }

    /// Who was hidden up to a time and is still, oldest first.
    public func hiddenUsers(
        until time: Timestamp, limit: Int
    ) async throws -> [(environmentID: Int64, userID: String)] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT environment_id, user_id FROM removed_persons WHERE removed_at <= ?
                    ORDER BY removed_at LIMIT ?
                    """,
                arguments: [time, limit]
            ).map { (try $0.read("environment_id"), try $0.read("user_id")) }
        }
    }

    /// Members of a company, hidden ones too, by rising numbers of their profiles.
    /// - Parameters:
    ///   - number: the last one of the page before; 0 at first.
    ///   - last: who has a greater one came later.
    /// - Returns: the users, and the number of the last of them.
    public func members(
        ofCompany companyID: String, environmentID: Int64, after number: Int64, upTo last: Int64, limit: Int
    ) async throws -> (userIDs: [String], last: Int64) {
        try await store.read { database in
            let rows = try database.rows(
                sql: """
                    SELECT id, user_id FROM persons
                    WHERE environment_id = ?1 AND company_id = ?2 AND id > ?3 AND id <= ?4
                    UNION ALL
                    SELECT id, user_id FROM removed_persons
                    WHERE environment_id = ?1 AND company_id = ?2 AND id > ?3 AND id <= ?4
                    ORDER BY id LIMIT ?5
                    """,
                arguments: [environmentID, companyID, number, last, limit])
            return (try rows.map { try $0.read("user_id") }, try rows.last?.read("id") ?? last)
        }
    }

    /// The number of the profile that came last in an environment.
    public func lastNumber(environmentID: Int64) async throws -> Int64 {
        try await store.read { database in
            try database.value(
                Int64.self,
                sql: """
                    SELECT max(
                        ifnull((SELECT max(id) FROM persons WHERE environment_id = ?1), 0),
                        ifnull((SELECT max(id) FROM removed_persons WHERE environment_id = ?1), 0))
                    """,
                arguments: [environmentID]) ?? 0
        }
    }
}
