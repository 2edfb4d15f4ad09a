import JSON

/// The rows of an uploaded file, each parsed when it is reached, so that a bad row spoils no other.
struct UploadedRows: Sequence {
    /// What a file holds.
    enum Format: String, Sendable {
        /// An object with one list, such as `{"users": [...]}`.
        case json
        case ndjson
        case csv
    }

    struct Row {
        /// The line in the file, or the position in the list, from 1.
        let number: Int
        let result: Result<JSONNode, EventRejection>
    }

    private let rows: () -> AnyIterator<Row>

    /// Rows hold at most 500 properties each; 200,000 of them may be in one file.
    private static let limits = JSONLimits(maxValues: 12_000_000)

    /// - Parameter list: for JSON, the member that holds the rows.
    /// - Throws: `EventRejection` when the file as a whole cannot be read.
    init(_ bytes: [UInt8], format: Format, list: String) throws(EventRejection) {
        switch format {
        case .json:
            let document: JSONDocument
            do {
                document = try JSONDocument(parsing: bytes, limits: Self.limits)
            } catch {
                throw EventRejection(.malformed, field: error.path, error.message)
            }
            guard let elements = document.root[list], elements.kind == .array else {
                throw EventRejection(.missingField, field: list, "\(list) is required and must be an array.")
            }
            rows = {
                var position = 0
                var iterator = elements.elements.makeIterator()
                return AnyIterator {
                    position += 1
                    return iterator.next().map { Row(number: position, result: .success($0)) }
                }
            }
        case .ndjson:
            rows = {
                var lines = JSONLines(bytes)
                return AnyIterator {
                    lines.next().map { line in
                        Row(
                            number: line.number,
                            result: line.result.map(\.root).mapError {
                                EventRejection(.malformed, field: $0.path, $0.message)
                            })
                    }
                }
            }
        case .csv:
            let reader = try CSVReader(bytes)
            rows = {
                var reader = reader
                let columns = reader.columns
                return AnyIterator {
                    reader.next().map { row in
                        Row(number: row.line, result: row.result.flatMap { CSVRowObject.make(columns, $0) })
                    }
                }
            }
        }
    }

    func makeIterator() -> AnyIterator<Row> { rows() }
}

/// A CSV row as the JSON object that the same row would be in NDJSON: numbers where columns are numeric, `metadata`
/// read as JSON, empty cells absent.
enum CSVRowObject {
    private static let numericColumns: Set<String> = ["screen_width", "screen_height"]

    static func make(_ columns: [String], _ cells: [[UInt8]]) -> Result<JSONNode, EventRejection> {
        var writer = JSONWriter()
        writer.beginObject()
        for (column, cell) in zip(columns, cells) where !cell.isEmpty {
            guard let text = String(validating: cell, as: UTF8.self) else {
                return .failure(EventRejection(.malformed, field: column, "\(column) is not valid UTF-8."))
            }
            writer.key(column)
            if column == "metadata" {
                guard let document = try? JSONDocument(parsing: cell), document.root.kind == .object else {
                    return .failure(
                        EventRejection(.malformed, field: column, "metadata must be a JSON object in one cell."))
                }
                writer.node(document.root)
            } else if numericColumns.contains(column), let number = Int64(text) {
                writer.integer(number)
            } else {
                writer.string(text)
            }
        }
        writer.endObject()
        do {
            return .success(try JSONDocument(parsing: writer.bytes).root)
        } catch {
            return .failure(EventRejection(.malformed, field: error.path, error.message))
        }
    }
}
