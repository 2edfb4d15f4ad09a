import DuckDB
import EventMirror
import EventStore

/// One query in a process that has been confined: checks it, runs it, and writes its result in the form asked for.
struct QueryRun {
    let connection: Connection
    let order: QueryOrder

    /// - Parameter hand: takes the next bytes of the result, of which little is kept when all of it is wanted.
    /// - Returns: what is left of the result, and how many rows there are in all.
    /// - Throws: ``QueryError``, `DuckDBError`.
    func result(_ hand: ([UInt8]) -> Void) throws -> QueryResult {
        try prepare()
        let query = try QueryGuard(connection: connection).check(order.sql)
        let columns = try ResultColumn.columns(of: query, on: connection)
        return switch order.format {
        case .json: try write(JSONResultText(columns), columns, query, hand)
        case .ndjson: try write(LinesResultText(columns), columns, query, hand)
        case .csv: try write(CSVResultText(columns), columns, query, hand)
        case .parquet:
            try ParquetResult(path: order.resultPath, limitBytes: order.resultBytes)
                .write(query, columns: columns, maxRows: order.maxRows, on: connection, hand)
        }
    }

    /// Takes from the engine all files but the environment's, and the settings that could change that.
    private func prepare() throws(DuckDBError) {
        // Where the engine knows no time zones, there is none but UTC.
        try? connection.execute("SET TimeZone = 'UTC'")
        try connection.execute(
            """
            SET allowed_paths = \(SQLText.list(order.tables.flatMap(\.files)));
            SET allowed_directories = \(SQLText.list([order.folder]));
            SET temp_directory = \(SQLText.literal("\(order.folder)/spill"));
            SET max_temp_directory_size = '\(order.spillBytes)B';
            SET enable_external_access = false;
            SET lock_configuration = true
            """)
        for table in ShownTable.all {
            guard let given = order.tables.first(where: { $0.name == table.name }) else { continue }
            try connection.execute(table.createStatement(files: given.files))
        }
    }

    private func write(
        _ text: some ResultText, _ columns: [ResultColumn], _ query: String, _ hand: ([UInt8]) -> Void
    ) throws -> QueryResult {
        var text = text
        var count = 0
        var isTruncated = false
        // One row more shows whether there is one.
        let rows = try connection.query(columns.textQuery(query, limit: order.maxRows.map { $0 + 1 }))
        while !isTruncated, let chunk = try rows.next() {
            let taken = min(chunk.count, (order.maxRows ?? .max) - count)
            for row in 0..<taken {
                try text.write(chunk, row)
                guard order.maxRows == nil || text.byteCount <= order.resultBytes else {
                    throw QueryError.tooLarge(limitBytes: order.resultBytes)
                }
                if order.maxRows == nil, text.byteCount >= Self.pieceBytes { hand(text.take()) }
            }
            count += taken
            isTruncated = taken < chunk.count
        }
        text.finish(rowCount: count, isTruncated: isTruncated)
        return QueryResult(bytes: text.take(), rowCount: count, isTruncated: isTruncated)
    }

    private static let pieceBytes = 128 * 1_024
}
