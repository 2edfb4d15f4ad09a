import Text

extension UploadedRows.Format {
    /// The format of a file, by what it holds: names and media types are whatever a client makes of them.
    ///
    /// - Parameters:
    ///   - kind: which columns tell that text is a table.
    ///   - fileName: asked only about text that is neither JSON nor a table with such columns.
    /// - Throws: `EventRejection` when the file is none that can be read.
    init(of source: UploadSource, kind: UploadKind, fileName: String) throws(EventRejection) {
        let pieces = source.pieces()
        let head = pieces.next() ?? []
        if let damage = pieces.damage { throw damage }
        if head.isEmpty { throw Self.refusal("The file is empty.") }
        for (mark, name) in Self.others where head.starts(with: mark) {
            throw Self.refusal(
                "The file is \(name). Send NDJSON, CSV, JSON, Parquet or Avro, as it is or packed with gzip.")
        }
        if head.starts(with: "PAR1".utf8) {
            self = .parquet
        } else if head.starts(with: AvroReader.magic) {
            self = .avro
        } else {
            self = try Self.ofText(head, source, kind, fileName)
        }
    }

    /// What begins like this is something else.
    private static let others: [([UInt8], String)] = [
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or a spreadsheet"), ([0xD0, 0xCF, 0x11, 0xE0], "a spreadsheet"),
        ([0xFF, 0xFE], "text in UTF-16"), ([0xFE, 0xFF], "text in UTF-16"), (GzipPieces.magic, "packed twice"),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd"), ([0x42, 0x5A, 0x68], "packed with bzip2"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "packed with xz"), ([0x4F, 0x52, 0x43], "an ORC file"),
    ]

    private static func ofText(
        _ head: [UInt8], _ source: UploadSource, _ kind: UploadKind, _ fileName: String
    ) throws(EventRejection) -> Self {
        switch head.first(where: { !isWhiteSpace($0) }) {
        case UInt8(ascii: "["): return .json
        case UInt8(ascii: "{"):
            // Whatever else is on a line of its own.
            return ListDocument.isOne(source, list: kind.listName) ? .json : .ndjson
        default: break
        }
        let refusal: EventRejection
        do throws(EventRejection) {
            try kind.checkColumns(CSVReader(source).columns)
            return .csv
        } catch {
            refusal = error
        }
        // Its rows say for themselves what is wrong with them.
        let name = fileName.lowercased()
        if [".ndjson", ".jsonl", ".json"].contains(where: { name.hasByteSuffix($0) || name.hasByteSuffix("\($0).gz") })
        {
            return .ndjson
        }
        throw refusal
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func refusal(_ message: String) -> EventRejection {
        EventRejection(.malformed, field: "file", message)
    }
}
