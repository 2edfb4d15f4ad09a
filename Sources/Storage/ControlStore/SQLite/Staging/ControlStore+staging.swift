import GRDB

/// Why a staged change did not come about.
package enum StagedChangeError: Error {
    /// What it was made of kept changing.
    case overtaken
}

extension ControlStore {
    /// How often a change is made anew that others have overtaken.
    private static let mostTries = 4

    /// Makes a large change beside the store, and brings what came of it into the store in one short transaction: all of
    /// it or nothing, also after a crash. Others may write meanwhile; large changes take turns by their holders.
    ///
    /// - Parameters:
    ///   - tables: what the change sees and writes to. It may delete none of the rows that it sees.
    ///   - holder: the account whose change it is.
    ///   - identifiers: how many ids of each table are kept free for it. When they do not suffice, the change is made
    ///     anew with more.
    ///   - revision: what changes whenever anybody changes the rows that the change sees.
    ///   - body: makes the change, perhaps several times: also where a value that it drew is another's that it does not see.
    /// - Throws: ``StagedChangeError/overtaken``, and what the body throws.
    package func stage<Value: Sendable>(
        _ tables: [StagedTable], holder: Int64, identifiers: Int,
        revision: @escaping @Sendable (Database) throws -> Int64?,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await stagingTurns.run(holder) {
            try await reportingLater {
                var identifiers = Int64(max(identifiers, 1))
                for _ in 0..<Self.mostTries {
                    let firstIDs = try await reserve(identifiers, of: tables)
                    let staged = try StagedStore(beside: file.path, tables, firstIDs: firstIDs)
                    defer { staged.remove() }
                    try await staged.fill(from: file)
                    let seen = try await staged.read(revision)
                    let (value, lastIDs) = try await staged.change(body)
                    guard lastIDs.allSatisfy({ $0.value < (firstIDs[$0.key] ?? 0) + identifiers }) else {
                        identifiers *= 8
                        continue
                    }
                    let statements = try await staged.applying()
                    try staged.close()
                    let isApplied = try await apply(statements, from: staged.path) { try revision($0) == seen }
                    // It is done; ids that are not given back are only gaps.
                    try? await release(identifiers, from: firstIDs, after: lastIDs)
                    if isApplied { return value }
                }
                throw StagedChangeError.overtaken
            }
        }
    }

    /// Keeps ids of tables free.
    /// - Returns: the first of them, by the name of the table.
    private func reserve(_ count: Int64, of tables: [StagedTable]) async throws -> [String: Int64] {
        try await write { database in
            var firstIDs: [String: Int64] = [:]
            for table in tables where table.isNumbered {
                try database.execute(
                    sql: """
                        INSERT INTO sqlite_sequence (name, seq)
                        SELECT :table, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)
                        """,
                    arguments: ["table": table.name])
                let last = try database.value(
                    Int64.self, sql: "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq",
                    arguments: [count, table.name])
                firstIDs[table.name] = (last ?? count) - count + 1
            }
            return firstIDs
        }
    }

    /// Gives back the ids that were not needed, where nobody has taken later ones.
    private func release(_ count: Int64, from firstIDs: [String: Int64], after lastIDs: [String: Int64]) async throws {
        try await write { database in
            for (table, first) in firstIDs {
                try database.execute(
                    sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = ? AND seq = ?",
                    arguments: [lastIDs[table], table, first + count - 1])
            }
        }
    }

    /// - Returns: whether the change still fits: nothing that it has seen is changed, and nothing that it adds is taken by
    ///   what it has not seen.
    private func apply(
        _ statements: [String], from path: String, ifStill isCurrent: @escaping @Sendable (Database) throws -> Bool
    ) async throws -> Bool {
        // A task of its own: for one that is cancelled the store would run nothing more, and the file stay attached.
        try await Task { [file] in
            try await file.writeOutsideTransaction { database in
                try database.execute(sql: "ATTACH ? AS staged", arguments: [path])
                defer { try? database.execute(sql: "DETACH staged") }
                var isApplied = false
                do {
                    try database.inTransaction(.immediate) {
                        guard try isCurrent(Database(database)) else { return .rollback }
                        for statement in statements { try database.execute(sql: statement) }
                        isApplied = true
                        return .commit
                    }
                } catch DatabaseError.SQLITE_CONSTRAINT_UNIQUE {
                    return false
                }
                return isApplied
            }
        }.value
    }
}
