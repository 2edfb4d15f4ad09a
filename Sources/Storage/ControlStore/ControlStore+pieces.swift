extension ControlStore {
    /// Rows that are removed before others have their turn: a few tens of milliseconds.
    private static let rowsAtOnce = 500

    /// Removes many rows in transactions so short that nobody waits for them. The caller sees to it that a crash between
    /// two of them does no harm.
    /// - Parameter remove: removes as many rows as it is told, if there are as many.
    /// - Returns: how many there were.
    @discardableResult
    package func removeInPieces(
        _ remove: @escaping @Sendable (_ database: Database, _ limit: Int) throws -> Int
    ) async throws -> Int {
        var total = 0
        while true {
            let removed = try await write { try remove($0, Self.rowsAtOnce) }
            total += removed
            if removed < Self.rowsAtOnce { return total }
        }
    }

    /// The same, with a statement whose last argument is how many rows.
    @discardableResult
    package func removeInPieces(sql: String, arguments: Arguments) async throws -> Int {
        try await removeInPieces { database, limit in
            try database.execute(prepared: sql, arguments: arguments + [limit])
        }
    }
}
