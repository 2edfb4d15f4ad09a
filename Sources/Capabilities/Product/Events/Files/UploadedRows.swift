import JSON

/// The rows of an uploaded file, each read when it is reached and parsed when it is looked at, so that a bad row spoils
/// no other.
struct UploadedRows: Sequence {
    /// What a file holds.
    enum Format: String, Sendable {
        /// A list, an object with one list such as `{"users": [...]}`, or one row.
        case json
        case ndjson
        case csv
        case avro
        case parquet

        /// Whether a file has as many bytes as its rows.
        var isText: Bool {
            switch self {
            case .json, .ndjson, .csv: true
            case .avro, .parquet: false
            }
        }
    }

    /// One row.
    struct Row {
        /// The line in the file, or the position in the list, from 1.
        let number: Int
        let content: Content

        /// The row as an object, or why it is none.
        var result: Result<JSONNode, EventRejection> { content.result }

        /// Why the file ends here although it should go on; what it held so far is not all of it.
        var damage: EventRejection? {
            if case .damage(let rejection) = content { rejection } else { nil }
        }
    }

    private let rows: () -> AnyIterator<Row>
    /// Columns of a table of text or Avro that are passed over in all rows.
    let unknownColumns: [String]

    /// Rows hold at most 500 properties each; 200,000 of them may be in one file.
    private static let limits = JSONLimits(maxValues: 12_000_000)

    /// - Parameters:
    ///   - list: for JSON that is an object, the member that holds the rows.
    ///   - parquetRows: for Parquet, the rows that it was turned into, see ``ParquetReader``; without them it has none.
    /// - Throws: `EventRejection` when the file as a whole cannot be read.
    init(
        _ source: UploadSource, format: Format, list: String, parquetRows: UploadSource? = nil
    ) throws(EventRejection) {
        var unknownColumns: [String] = []
        switch format {
        case .json:
            let elements = try Self.elements(of: source, list: list)
            rows = {
                var position = 0
                var iterator = elements.makeIterator()
                return AnyIterator {
                    position += 1
                    return iterator.next().map { Row(number: position, content: $0) }
                }
            }
        case .ndjson: rows = { Self.lines(of: source) { .line($0) } }
        case .parquet: rows = { Self.lines(of: parquetRows ?? .bytes([])) { .record($0) } }
        case .csv:
            let reader = try CSVReader(source)
            let columns = reader.columns.map { TableRow.isColumn($0) ? $0 : nil }
            unknownColumns = reader.columns.filter { !$0.isEmpty && !TableRow.isColumn($0) }
            rows = {
                // A reader reads its source once, and the first one has read the header only.
                guard var reader = try? CSVReader(source) else { return AnyIterator { nil } }
                return Self.untilDamage {
                    reader.next().map { row in
                        Row(
                            number: row.line,
                            content: row.result.map { .cells(columns, $0) }.fold { .refused($0) })
                    }
                } damage: {
                    reader.damage
                }
            }
        case .avro:
            _ = try AvroReader(source) { name in
                let isColumn = TableRow.isColumn(name)
                if !isColumn { unknownColumns.append(name) }
                return isColumn
            }
            rows = {
                guard var reader = try? AvroReader(source, isWanted: TableRow.isColumn) else {
                    return AnyIterator { nil }
                }
                var position = 0
                return Self.untilDamage {
                    position += 1
                    return reader.next().map { row in
                        Row(number: position, content: row.map { .record($0) }.fold { .refused($0) })
                    }
                } damage: {
                    reader.damage
                }
            }
        }
        self.unknownColumns = unknownColumns
    }

    func makeIterator() -> AnyIterator<Row> { rows() }

    /// Goes through the rows of the whole file, unless there are more than are wanted.
    /// - Returns: how many there are; one more than `maximum` when there are more than that.
    /// - Throws: `EventRejection` where the file is damaged, `CancellationError`.
    func count(upTo maximum: Int) throws -> Int {
        var count = 0
        for row in self {
            try Task.checkCancellation()
            if let damage = row.damage { throw damage }
            count += 1
            if count > maximum { break }
        }
        return count
    }

    private static func elements(of source: UploadSource, list: String) throws(EventRejection) -> [Row.Content] {
        let document: JSONElementwise
        do {
            let bytes = try source.whole()
            // Behind a byte order mark and blanks.
            let first = bytes.first { $0 > 0x20 && $0 < 0x80 }
            document = try JSONElementwise(
                parsing: bytes, lists: first == UInt8(ascii: "[") ? [] : [list], limits: limits)
        } catch let error as JSONError {
            throw EventRejection(.malformed, field: error.path, error.message)
        } catch let error as EventRejection {
            throw error
        } catch {
            throw EventRejection(.malformed, field: "file", "The file cannot be read.")
        }
        let root = document.root
        guard let elements = root.kind == .array ? root : root[list], elements.kind == .array else {
            throw EventRejection(.missingField, field: list, "\(list) is required and must be an array.")
        }
        return elements.elements.map { element in
            guard let error = document.error(of: element) else { return .node(element) }
            return .refused(EventRejection(.malformed, field: error.path, error.message))
        }
    }

    private static func lines(
        of source: UploadSource, _ content: @escaping ([UInt8]) -> Row.Content
    ) -> AnyIterator<Row> {
        var lines = UploadLines(source.pieces())
        return untilDamage {
            lines.next().map { line in
                Row(number: line.number, content: line.bytes.map(content) ?? .refused(tooLong))
            }
        } damage: {
            lines.damage
        }
    }

    /// The rows, and after them why there are no more, if there should be.
    private static func untilDamage(
        _ next: @escaping () -> Row?, damage: @escaping () -> EventRejection?
    ) -> AnyIterator<Row> {
        var count = 0
        var hasEnded = false
        return AnyIterator {
            guard !hasEnded else { return nil }
            if let row = next(), damage() == nil {
                count = row.number
                return row
            }
            hasEnded = true
            return damage().map { Row(number: count + 1, content: .damage($0)) }
        }
    }

    private static let tooLong = EventRejection(
        .tooLong, field: "", "The line is longer than \(UploadLines.maximumBytes) bytes.")
}

extension UploadedRows.Row {
    /// What a row is made of.
    enum Content {
        case node(JSONNode)
        /// A line of JSON, and an event as it is.
        case line([UInt8])
        /// A line of JSON, and a row of a table: see ``TableRow``.
        case record([UInt8])
        /// Cells of CSV under their columns; nil for a column that no event has.
        case cells([String?], [[UInt8]])
        case refused(EventRejection)
        case damage(EventRejection)

        fileprivate var result: Result<JSONNode, EventRejection> {
            switch self {
            case .node(let node): .success(node)
            case .line(let bytes): Self.parse(bytes)
            case .record(let bytes): Self.parse(bytes).flatMap(TableRow.object)
            case .cells(let columns, let cells): TableRow.object(columns, cells)
            case .refused(let rejection), .damage(let rejection): .failure(rejection)
            }
        }

        private static func parse(_ bytes: [UInt8]) -> Result<JSONNode, EventRejection> {
            Result { () throws(JSONError) in try JSONDocument(parsing: bytes).root }
                .mapError { EventRejection(.malformed, field: $0.path, $0.message) }
        }
    }
}

extension Result where Success == UploadedRows.Row.Content {
    fileprivate func fold(_ failure: (Failure) -> Success) -> Success {
        switch self {
        case .success(let content): content
        case .failure(let error): failure(error)
        }
    }
}

extension UploadSource {
    /// All bytes, for a format that can only be read as a whole.
    /// - Throws: `EventRejection` when they are damaged, or more than an upload may have that is not packed.
    func whole() throws(EventRejection) -> [UInt8] {
        let pieces = pieces()
        var bytes: [UInt8] = []
        while let piece = pieces.next() {
            bytes += piece
            guard bytes.count <= UploadService.maximumBytes else {
                throw EventRejection(
                    .malformed, field: "file",
                    "A JSON document may have at most \(UploadService.maximumBytes) bytes. Send one row a line (NDJSON)."
                )
            }
        }
        if let damage = pieces.damage { throw damage }
        return bytes
    }
}
