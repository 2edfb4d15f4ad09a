import DuckDB
import JSON
import Text
import Time

/// Writes rows as text.
protocol ResultText {
    init(_ columns: [ResultColumn])
    /// What has been written and not taken away.
    var byteCount: Int { get }
    mutating func write(_ chunk: Chunk, _ row: Int) throws
    /// Ends the text.
    mutating func finish(rowCount: Int, isTruncated: Bool)
    /// What has been written since the last time.
    mutating func take() -> [UInt8]
}

extension Chunk {
    /// A time as ISO 8601; times out of the calendar's range as the engine writes them.
    func timeText(_ column: Int, _ row: Int) throws -> String? {
        guard let microseconds = try timestamp(column, row) else { return nil }
        let years: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
        guard years.contains(microseconds) else { return try string(column, row) }
        return Timestamp(microseconds: microseconds).formatted(.microsecondsUTC)
    }
}

/// The JSON form, see ``QueryFormat/json``.
struct JSONResultText: ResultText {
    private let columns: [ResultColumn]
    private var writer = JSONWriter(capacity: 64 * 1_024)

    init(_ columns: [ResultColumn]) {
        self.columns = columns
        writer.beginObject()
        writer.key("columns")
        writer.beginArray()
        for column in columns {
            writer.beginObject()
            writer.key("name")
            writer.string(column.name)
            writer.key("type")
            writer.string(column.type)
            writer.endObject()
        }
        writer.endArray()
        writer.key("rows")
        writer.beginArray()
    }

    var byteCount: Int { writer.bytes.count }

    mutating func write(_ chunk: Chunk, _ row: Int) throws {
        writer.beginArray()
        for (index, column) in columns.enumerated() { try writer.write(column.form, chunk, index, row) }
        writer.endArray()
    }

    mutating func finish(rowCount: Int, isTruncated: Bool) {
        writer.endArray()
        writer.key("row_count")
        writer.integer(rowCount)
        writer.key("truncated")
        writer.bool(isTruncated)
        writer.endObject()
    }

    mutating func take() -> [UInt8] { writer.takeBytes() }
}

/// The form of one object a line, see ``QueryFormat/ndjson``.
struct LinesResultText: ResultText {
    private let columns: [(form: ResultColumn.Form, title: String)]
    private var writer = JSONWriter(capacity: 64 * 1_024)

    init(_ columns: [ResultColumn]) {
        self.columns = zip(columns, columns.titles).map { ($0.form, $1) }
    }

    var byteCount: Int { writer.bytes.count }

    mutating func write(_ chunk: Chunk, _ row: Int) throws {
        writer.beginObject()
        for (index, column) in columns.enumerated() {
            writer.key(column.title)
            try writer.write(column.form, chunk, index, row)
        }
        writer.endObject()
        writer.endLine()
    }

    mutating func finish(rowCount: Int, isTruncated: Bool) {}

    mutating func take() -> [UInt8] { writer.takeBytes() }
}

/// Values of results in JSON. Numbers that a double would round are texts, and those that are none (NaN, infinity) null.
extension JSONWriter {
    /// The largest whole number up to which every one is a double (RFC 7493).
    private static let largestExact: Int64 = 9_007_199_254_740_991
    private static let exactDigits = 15

    fileprivate mutating func write(_ form: ResultColumn.Form, _ chunk: Chunk, _ column: Int, _ row: Int) throws {
        if chunk.isNull(column, row) { return null() }
        switch form {
        case .boolean: bool(try chunk.bool(column, row) ?? false)
        case .double: double(try chunk.double(column, row) ?? .nan)
        case .timestamp: string(try chunk.timeText(column, row) ?? "")
        case .text: try chunk.withUTF8(column, row) { string(utf8: $0) }
        case .integer:
            let value = try chunk.int64(column, row) ?? 0
            if value.magnitude <= Self.largestExact.magnitude { integer(value) } else { string(String(value)) }
        case .digits:
            let text = try chunk.string(column, row) ?? ""
            let isExact =
                text.utf8.count(where: { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) <= Self.exactDigits
            if isExact { raw(Array(text.utf8)) } else { string(text) }
        case .document: try chunk.withUTF8(column, row) { writeDocument($0) }
        }
    }

    /// The engine lets some JSON pass that is none, such as NaN; that stays text.
    private mutating func writeDocument(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let document = try? JSONDocument(parsing: UnsafeRawBufferPointer(bytes)) {
            node(document.root)
        } else {
            string(utf8: bytes)
        }
    }
}

/// The CSV form, see ``QueryFormat/csv``.
struct CSVResultText: ResultText {
    private let columns: [ResultColumn]
    private var bytes: [UInt8] = []

    init(_ columns: [ResultColumn]) {
        self.columns = columns
        for (index, column) in columns.enumerated() {
            var name = column.name
            name.withUTF8 { write($0, isFirst: index == 0) }
        }
        endLine()
    }

    var byteCount: Int { bytes.count }

    mutating func write(_ chunk: Chunk, _ row: Int) throws {
        for (index, column) in columns.enumerated() {
            if chunk.isNull(index, row) {
                separate(isFirst: index == 0)
                continue
            }
            switch column.form {
            case .digits, .text, .document: try chunk.withUTF8(index, row) { write($0, isFirst: index == 0) }
            case .boolean, .integer, .double, .timestamp:
                var text =
                    try column.form == .timestamp ? chunk.timeText(index, row) ?? "" : chunk.string(index, row) ?? ""
                text.withUTF8 { write($0, isFirst: index == 0) }
            }
        }
        endLine()
    }

    mutating func finish(rowCount: Int, isTruncated: Bool) {}

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func separate(isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func endLine() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func write(_ field: UnsafeBufferPointer<UInt8>, isFirst: Bool) {
        separate(isFirst: isFirst)
        CSVText.append(field, to: &bytes)
    }
}
