import ControlStore
public import EventStore
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

    /// Notes who is in a company, hidden ones too, for who goes on to remove them: whoever leaves or joins it later is meant or
    /// not meant all the same.
    public func noteMembers(ofCompany companyID: String, environmentID: Int64) async throws {
        try await store.write { database in
            for table in ["persons", "removed_persons"] {
                try database.execute(
                    sql: """
                        INSERT INTO leaving_members (environment_id, company_id, user_id)
                        SELECT environment_id, company_id, user_id FROM \(table)
                        WHERE environment_id = ? AND company_id = ? ON CONFLICT DO NOTHING
                        """,
                    arguments: [environmentID, companyID])
            }
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

    /// Who was hidden up to a time and is still, in the order of their profiles' ids.
    /// - Parameter id: behind which they begin.
    public func hiddenUsers(
        until time: Timestamp, after id: Int64 = 0, limit: Int
    ) async throws -> [(id: Int64, environmentID: Int64, userID: String)] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT id, environment_id, user_id FROM removed_persons WHERE id > ? AND +removed_at <= ?
                    ORDER BY id LIMIT ?
                    """,
                arguments: [id, time, limit]
            ).map { (try $0.read("id"), try $0.read("environment_id"), try $0.read("user_id")) }
        }
    }

    /// Users who are denied and have a profile all the same, hidden or not.
    public func deniedUsers(limit: Int) async throws -> [(environmentID: Int64, userID: String)] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT environment_id, user_id FROM denied_users d
                    WHERE EXISTS (
                        SELECT 1 FROM persons p WHERE p.environment_id = d.environment_id AND p.user_id = d.user_id)
                    OR EXISTS (
                        SELECT 1 FROM removed_persons r
                        WHERE r.environment_id = d.environment_id AND r.user_id = d.user_id)
                    LIMIT ?
                    """,
                arguments: [limit]
            ).map { (try $0.read("environment_id"), try $0.read("user_id")) }
        }
    }

    /// Users who were noted as members of a company and are not yet removed.
    public func notedMembers(ofCompany companyID: String, environmentID: Int64, limit: Int) async throws -> [String] {
        try await store.read { database in
            try database.values(
                String.self,
                sql: """
                    SELECT user_id FROM leaving_members WHERE environment_id = ? AND company_id = ?
                    ORDER BY user_id LIMIT ?
                    """,
                arguments: [environmentID, companyID, limit])
        }
    }

    /// Forgets members that were noted: they are removed.
    public func forgetNoted(_ userIDs: [String], ofCompany companyID: String, environmentID: Int64) async throws {
        try await store.write { database in
            let statement = try database.prepare(
                "DELETE FROM leaving_members WHERE environment_id = ? AND company_id = ? AND user_id = ?")
            for userID in userIDs { try statement.execute(arguments: [environmentID, companyID, userID]) }
        }
    }
}

extension PeopleStore {
    /// How many of these users or companies have a profile, hidden or not.
    public func count(_ subject: DeletionSubject, ids: [String], environmentID: Int64) async throws -> Int {
        let sql =
            switch subject {
            case .users:
                """
                SELECT (SELECT count(*) FROM persons WHERE environment_id = ?1 AND user_id IN \(SQL.list("?2")))
                    + (SELECT count(*) FROM removed_persons WHERE environment_id = ?1 AND user_id IN \(SQL.list("?2")))
                """
            case .companies:
                "SELECT count(*) FROM companies WHERE environment_id = ?1 AND company_id IN \(SQL.list("?2"))"
            }
        return try await store.read { database in
            try database.value(Int.self, sql: sql, arguments: [environmentID, ListArgument(ids)]) ?? 0
        }
    }
}
