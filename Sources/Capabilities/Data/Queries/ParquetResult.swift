import DuckDB
import EventMirror
import Foundation

/// The Parquet form: the engine writes a file, which is read back. It goes with its folder.
struct ParquetResult {
    /// Where the file lies. The server watches its size.
    let path: String
    let limitBytes: Int

    private static let options = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"

    /// Runs a checked query.
    ///
    /// - Parameters:
    ///   - maxRows: rows at most; nil for all.
    ///   - hand: takes the bytes of a result of all rows, piece by piece.
    /// - Throws: ``QueryError/tooLarge(limitBytes:)``; `DuckDBError` of the query.
    func write(
        _ query: String, columns: [ResultColumn], maxRows: Int?, on connection: Connection, _ hand: ([UInt8]) -> Void
    ) throws -> QueryResult {
        guard let maxRows else {
            let count = try copy(columns.parquetQuery(query, limit: nil), to: path, on: connection)
            try handOver(hand)
            return QueryResult(bytes: [], rowCount: count, isTruncated: false)
        }
        let count = try copy(columns.parquetQuery(query, limit: maxRows + 1), to: path, on: connection)
        guard count > maxRows else {
            return QueryResult(bytes: try read(path), rowCount: count, isTruncated: false)
        }
        // One row more was written to see whether there is one.
        let cut = "SELECT * FROM read_parquet(\(SQLText.literal(path))) LIMIT \(maxRows)"
        let kept = try copy(cut, to: cutPath, on: connection)
        return QueryResult(bytes: try read(cutPath), rowCount: kept, isTruncated: true)
    }

    private var cutPath: String { path + ".cut" }

    private func copy(_ query: String, to file: String, on connection: Connection) throws -> Int {
        let rows = try connection.query("COPY (\(query)) TO \(SQLText.literal(file)) \(Self.options)")
        return Int(try rows.next()?.int64(0, 0) ?? 0)
    }

    private func handOver(_ hand: ([UInt8]) -> Void) throws {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty { hand(Array(piece)) }
    }

    private static let pieceBytes = 256 * 1_024

    private func read(_ file: String) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(filePath: file))
        defer { try? handle.close() }
        guard let data = try handle.read(upToCount: limitBytes + 1) else { return [] }
        guard data.count <= limitBytes else { throw QueryError.tooLarge(limitBytes: limitBytes) }
        return Array(data)
    }
}
