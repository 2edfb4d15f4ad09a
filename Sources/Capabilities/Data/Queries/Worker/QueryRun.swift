import DuckDB
import EventMirror
import EventStore

/// One query in a process that has been confined: checks it, runs it, and writes its result in the form asked for.
struct QueryRun {
    let connection: Connection
    let order: QueryOrder

    /// - Throws: ``QueryError``, `DuckDBError`.
    func result() throws -> QueryResult {
        try prepare()
        let query = try QueryGuard(connection: connection).check(order.sql)
        let columns = try ResultColumn.columns(of: query, on: connection)
        return switch order.format {
        case .json: try write(JSONResultText(columns), columns, query)
        case .csv: try write(CSVResultText(columns), columns, query)
        case .parquet:
            try ParquetResult(path: order.resultPath, limitBytes: order.resultBytes)
                .write(query, columns: columns, maxRows: order.maxRows, on: connection)
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

    private func write(_ text: some ResultText, _ columns: [ResultColumn], _ query: String) throws -> QueryResult {
        var text = text
        var count = 0
        let rows = try connection.query(columns.textQuery(query, limit: order.maxRows + 1))
        while let chunk = try rows.next() {
            let taken = min(chunk.count, order.maxRows - count)
            for row in 0..<taken {
                try text.write(chunk, row)
                guard text.byteCount <= order.resultBytes else {
                    throw QueryError.tooLarge(limitBytes: order.resultBytes)
                }
            }
            count += taken
            if taken < chunk.count {
                return QueryResult(
                    bytes: text.finish(rowCount: count, isTruncated: true), rowCount: count, isTruncated: true)
            }
        }
        return QueryResult(
            bytes: text.finish(rowCount: count, isTruncated: false), rowCount: count, isTruncated: false)
    }
}
