import DuckDB

extension EventStore {
    /// Takes deleted events off the disk: writes what shares a block with them anew, then overwrites what the file
    /// no longer uses, where copies from before the deletion remain. Costs as much as writing those parts, and waits for
    /// what began to read before the deletion.
    public func erase() async throws {
        // Nobody can tell whose events are in there.
        files?.removeCut()
        // A crash may have come between a deletion and what follows from it.
        try await dropOutdated()
        var pause = Duration.seconds(1)
        while true {
            do {
                return try await upkeep.run { [self] in try eraseNow(on: $0) }
            } catch is DeletedRowsInUse {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(60))
            }
        }
    }

    private func eraseNow(on connection: Connection) throws {
        try connection.execute("DROP TABLE IF EXISTS \(Self.fillerName)")
        try foldIn(on: connection)
        try DeletedBlocks.vacate(on: connection)
        try foldIn(on: connection)
        try DeletedBlocks.forget(on: connection)
        let rows = try connection.query(
            "SELECT free_blocks * block_size FROM pragma_database_size() WHERE database_name = 'lake'")
        var freeBytes: Int64 = 0
        while let chunk = try rows.next() {
            for row in 0..<chunk.count { freeBytes = try chunk.int64(0, row) ?? 0 }
        }
        guard freeBytes > 0 else { return }
        // Hashes do not compress, so the table takes up every free block: eight bytes a value, four a row.
        try connection.execute(
            """
            CREATE TABLE \(Self.fillerName) AS
            SELECT hash(i) AS a, hash(i + 0.25) AS b, hash(i + 0.5) AS c, hash(i + 0.75) AS d
            FROM range(\(freeBytes / 32)) AS filler (i)
            """)
        try foldIn(on: connection)
        try connection.execute("DROP TABLE \(Self.fillerName)")
        try foldIn(on: connection)
    }

    private static let fillerName = "lake.main.erasure_filler"
}
