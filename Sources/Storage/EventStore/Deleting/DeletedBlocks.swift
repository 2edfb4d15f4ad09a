import DuckDB

/// The blocks of the file in which deleted rows were stored.
///
/// The engine marks rows as deleted and leaves what they held where it is; a block may hold parts of several groups of rows,
/// and is free only when none of them needs it. So what still has a part in such a block is written anew elsewhere before
/// free blocks are overwritten.
enum DeletedBlocks {
    private static let name = "lake.main.deleted_blocks"

    static func make(on connection: Connection) throws {
        try connection.execute("CREATE TABLE IF NOT EXISTS \(name) (block_id BIGINT)")
    }

    /// Deletes rows of both halves of a table and notes their blocks; within a transaction, and with everything that is to
    /// go in the file already, not only in the write-ahead log.
    /// - Returns: how many rows there were.
    static func delete(
        from table: String, where condition: String, _ values: [Value], on connection: Connection
    ) throws -> Int {
        try LogHalf.allCases.map { $0.of(table) }.reduce(0) { count, half in
            try connection.execute(
                """
                INSERT INTO \(name) SELECT DISTINCT unnest(blocks) FROM \(rowGroups(half)) WHERE row_group_id IN (
                    SELECT row_group_id FROM (SELECT rowid AS place FROM \(half) WHERE \(condition))
                    ASOF JOIN \(rowGroups(half)) AS row_groups ON place >= first_place)
                """, values)
            return try count + connection.execute("DELETE FROM \(half) WHERE \(condition)", values)
        }
    }

    /// Writes anew, at the end of their tables, the rows that share a block with deleted ones; the next checkpoint frees
    /// the blocks. No checkpoint may come in between: it may move rows.
    static func vacate(on connection: Connection) throws {
        for half in halves {
            let groups = try groups(of: half, on: connection)
            for group in groups {
                let places = "rowid >= \(group.lowerBound) AND rowid < \(group.upperBound)"
                try connection.transaction {
                    try connection.execute("INSERT INTO \(half) SELECT * FROM \(half) WHERE \(places)")
                    try connection.execute("DELETE FROM \(half) WHERE \(places)")
                }
            }
            // A checkpoint lets go of nothing in a table that has not changed since the last one. It may be that one which had
            // to leave the groups alone, because somebody was still reading them.
            if !groups.isEmpty { try connection.execute("INSERT INTO \(half) DEFAULT VALUES") }
        }
    }

    /// Forgets the blocks, once a checkpoint has freed them.
    /// - Throws: ``DeletedRowsInUse`` when deleted rows are still there.
    static func forget(on connection: Connection) throws {
        for half in halves {
            for group in try groups(of: half, on: connection) {
                let rows = try connection.query(
                    "SELECT count(*) FROM \(half) WHERE rowid >= \(group.lowerBound) AND rowid < \(group.upperBound)")
                defer { rows.close() }
                // Without deleted ones it is a group that was written since, to a block that had become free.
                guard Int(try rows.next()?.int64(0, 0) ?? 0) == group.count else { throw DeletedRowsInUse() }
            }
        }
        for half in halves { try connection.execute("DELETE FROM \(half) WHERE environment_id IS NULL") }
        try connection.execute("DELETE FROM \(name)")
    }

    private static var halves: [String] {
        [EventTable.name, ExposureTable.name].flatMap { table in LogHalf.allCases.map { $0.of(table) } }
    }

    /// The places of groups of rows that have a part in one of the blocks.
    private static func groups(of half: String, on connection: Connection) throws -> [Range<Int>] {
        let rows = try connection.query(
            """
            SELECT first_place, row_count FROM \(rowGroups(half))
            WHERE list_has_any(blocks, (SELECT list(block_id) FROM \(name))) ORDER BY first_place
            """)
        return try rows.map { chunk, row in
            let first = Int(try chunk.int64(0, row) ?? 0)
            return first..<first + Int(try chunk.int64(1, row) ?? 0)
        }
    }

    /// The groups of rows of a table as they are stored: where each begins, how many rows it has, those that are deleted
    /// included, and the blocks that it has a part of.
    private static func rowGroups(_ table: String) -> String {
        """
        (SELECT row_group_id, (sum(row_count) OVER (ORDER BY row_group_id) - row_count)::BIGINT AS first_place,
            row_count, blocks
        FROM (
            SELECT row_group_id,
                (sum(count) FILTER (column_id = 0 AND segment_type <> 'VALIDITY'))::BIGINT AS row_count,
                list_filter(
                    flatten(list(list_append(coalesce(additional_block_ids, []), block_id))), block -> block >= 0) AS blocks
            FROM pragma_storage_info('\(table)') GROUP BY row_group_id))
        """
    }
}

/// Something that began to read before a deletion keeps the deleted rows where they are; it passes.
struct DeletedRowsInUse: Error, CustomStringConvertible {
    var description: String { "Deleted events are still being read by what began before; they are erased afterwards." }
}
