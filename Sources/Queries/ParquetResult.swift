import DuckDB
import Foundation

/// The Parquet form: the engine writes a file, which is read back and removed.
struct ParquetResult {
    let path: String
    let limits: QueryLimits

    private static let options = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"

    /// - Parameter folder: where the file lies for as long as this takes.
    init(in folder: String, limits: QueryLimits) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = "\(folder)/query-\(UUID().uuidString).parquet"
        self.limits = limits
    }

    /// Runs a checked query.
    ///
    /// - Throws: ``QueryError/tooLarge(limitBytes:)``; `DuckDBError` of the query.
    func write(_ query: String, columns: [ResultColumn], maxRows: Int, on connection: Connection) throws -> QueryResult
    {
        defer { for file in [path, cutPath] { try? FileManager.default.removeItem(atPath: file) } }
        let count = try copy(columns.parquetQuery(query, limit: maxRows + 1), to: path, on: connection)
        guard count > maxRows else {
            return QueryResult(bytes: try read(path), rowCount: count, isTruncated: false)
        }
        // One row more was written to see whether there is one.
        let cut = "SELECT * FROM read_parquet(\(Self.literal(path))) LIMIT \(maxRows)"
        let kept = try copy(cut, to: cutPath, on: connection)
        return QueryResult(bytes: try read(cutPath), rowCount: kept, isTruncated: true)
    }

    private var cutPath: String { path + ".cut" }

    private func copy(_ query: String, to file: String, on connection: Connection) throws -> Int {
        let rows = try connection.query("COPY (\(query)) TO \(Self.literal(file)) \(Self.options)")
        return Int(try rows.next()?.int64(0, 0) ?? 0)
    }

    private func read(_ file: String) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(filePath: file))
        defer { try? handle.close() }
        guard let data = try handle.read(upToCount: limits.resultBytes + 1) else { return [] }
        guard data.count <= limits.resultBytes else { throw QueryError.tooLarge(limitBytes: limits.resultBytes) }
        return Array(data)
    }

    private static func literal(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }
}
