import DuckDB
import EventMirror
import JSON

/// One Parquet file in a process that has been confined: each of its rows becomes a line of JSON with the columns wanted,
/// all of them as texts. Bytes that are no UTF-8 stay what they are, so that whoever reads the line refuses that row.
struct TableRun {
    let connection: Connection
    let order: TableOrder

    private static let pieceBytes = 256 * 1_024

    /// Hands on the lines, piece by piece.
    /// - Returns: how many there were.
    /// - Throws: ``QueryError``, `DuckDBError`.
    func write(_ hand: ([UInt8]) -> Void) throws -> Int {
        try connection.execute(
            """
            SET allowed_paths = \(SQLText.list([order.path]));
            SET enable_external_access = false;
            SET lock_configuration = true
            """)
        let (table, columns) = try source()
        guard !columns.isEmpty else {
            throw QueryError.invalid("none of the file's columns has a name that events have.")
        }
        for column in columns where Self.depth(column.type) > Self.maximumDepth {
            throw QueryError.invalid("the column \(column.name) nests values more than \(Self.maximumDepth) deep.")
        }
        let selection = columns.map { Self.text(of: "\"\($0.name.replacing("\"", with: "\"\""))\"", $0.type) }
        let rows = try connection.query("SELECT \(selection.joined(separator: ", ")) FROM \(table)")
        var writer = JSONWriter(capacity: Self.pieceBytes * 2)
        var count = 0
        var written = 0
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                writer.beginObject()
                for (index, column) in columns.enumerated() {
                    try chunk.withUTF8(index, row) { text in
                        writer.key(column.name)
                        writer.string(utf8: text)
                    }
                }
                writer.endObject()
                writer.endLine()
                if writer.bytes.count < Self.pieceBytes { continue }
                written += writer.bytes.count
                guard written <= order.resultBytes else { throw QueryError.tooLarge(limitBytes: order.resultBytes) }
                hand(writer.bytes)
                writer.removeAll()
            }
            count += chunk.count
        }
        hand(writer.bytes)
        return count
    }

    private typealias Column = (name: String, type: String)

    /// The file as a table, and the columns of it that are wanted. Text that is not marked as such comes as bytes, unless
    /// it is within other values: there the engine has to make text of it, and fails over bytes that are none.
    private func source() throws -> (table: String, columns: [Column]) {
        let bytes = table(bytesAreText: false)
        let columns = try columns(of: bytes)
        guard columns.contains(where: { $0.type != Self.blob && $0.type.contains(Self.blob) }) else {
            return (bytes, columns)
        }
        let text = table(bytesAreText: true)
        return (text, try self.columns(of: text))
    }

    private func table(bytesAreText: Bool) -> String {
        "read_parquet(\(SQLText.literal(order.path)), binary_as_string = \(bytesAreText))"
    }

    private func columns(of table: String) throws -> [Column] {
        let wanted = Set(order.columns)
        return try connection.query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM \(table))")
            .map { chunk, row in (try chunk.string(0, row) ?? "", try chunk.string(1, row) ?? "") }
            .filter { wanted.contains($0.0) }
    }

    /// How deep values may nest: with each level of lists the engine takes twice as long to make text of them.
    private static let maximumDepth = 12

    /// How deep the values of a type nest: each list, struct, map and union is a level.
    private static func depth(_ type: String) -> Int {
        // Of each parenthesis that is open, the deepest of its members so far, and the one that is being read.
        var open: [(deepest: Int, current: Int)] = [(0, 0)]
        var isQuoted = false
        for byte in type.utf8 {
            let last = open.count - 1
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case _ where isQuoted: break
            case UInt8(ascii: "("): open.append((0, 0))
            case UInt8(ascii: ","): open[last] = (max(open[last].deepest, open[last].current), 0)
            case UInt8(ascii: ")") where last > 0:
                let inner = max(open[last].deepest, open[last].current)
                open.removeLast()
                open[last - 1].current = inner + 1
            case UInt8(ascii: "["): open[last].current += 1
            default: break
            }
        }
        return open.reduce(0) { $0 + max($1.deepest, $1.current) }
    }

    private static let blob = "BLOB"

    /// The expression that makes a column's value a text: times as ISO 8601, nested values as JSON.
    private static func text(of column: String, _ type: String) -> String {
        if type == blob { return column }
        if type.hasPrefix("TIMESTAMP") || type == "DATE" {
            let time =
                type == "TIMESTAMP WITH TIME ZONE" ? "make_timestamp(epoch_us(\(column)))" : "\(column)::TIMESTAMP"
            return "strftime(\(time), '%Y-%m-%dT%H:%M:%S.%fZ')"
        }
        let isNested = type.hasSuffix("]") || ["STRUCT(", "MAP(", "UNION("].contains { type.hasPrefix($0) }
        return isNested ? "to_json(\(column))::VARCHAR" : "\(column)::VARCHAR"
    }
}
