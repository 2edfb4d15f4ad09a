package import GRDB

extension Database {
    /// Stores a row that belongs to another one by a foreign key. What it belongs to may be gone by now: then it is
    /// nobody's, and is not stored.
    /// - Returns: whether there is anything that it belongs to.
    @discardableResult
    package func executeUnlessOrphaned(sql: String, arguments: StatementArguments) throws -> Bool {
        do {
            // A statement that has failed cannot be used again; the cache makes another one.
            try cachedStatement(sql: sql).execute(arguments: arguments)
            return true
        } catch DatabaseError.SQLITE_CONSTRAINT_FOREIGNKEY {
            return false
        }
    }
}
