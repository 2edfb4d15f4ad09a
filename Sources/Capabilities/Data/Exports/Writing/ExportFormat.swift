/// The file formats of an export. The contract's two base documents name four and two of them; all are served.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// One JSON object a line; the default. The vendor calls these files `.json` all the same.
    case json
    case ndjson
    case csv
    case parquet
    case avro

    /// What follows the date in a file's name. Text is compressed with gzip; Parquet and Avro compress inside.
    var fileExtension: String {
        switch self {
        case .json: "json.gz"
        case .ndjson: "ndjson.gz"
        case .csv: "csv.gz"
        case .parquet: "parquet"
        case .avro: "avro"
        }
    }

    var contentType: String {
        switch self {
        case .json, .ndjson, .csv: "application/gzip"
        case .parquet: "application/vnd.apache.parquet"
        case .avro: "application/vnd.apache.avro"
        }
    }

    /// The options of the engine's COPY statement; Avro is written by ``AvroFileWriter``.
    var copyOptions: String {
        switch self {
        // One column of lines that are whole already: the characters that would be quoted or split do not occur in JSON.
        case .json, .ndjson:
            "FORMAT csv, HEADER false, DELIMITER '\u{1}', QUOTE '\u{2}', ESCAPE '\u{2}', COMPRESSION gzip"
        case .csv: "FORMAT csv, HEADER true, COMPRESSION gzip"
        case .parquet: "FORMAT parquet, COMPRESSION zstd"
        case .avro: "FORMAT avro"
        }
    }

    /// Whether a file holds one JSON object a line.
    var isLines: Bool {
        self == .json || self == .ndjson
    }
}

/// What the columns of a Parquet file are.
public enum ExportTypes: String, Sendable, CaseIterable {
    /// Texts and whole numbers, as the vendor has them: times as ISO 8601, metadata as the text of its JSON.
    case text
    /// The same values as what they are: times as TIMESTAMP of microseconds in UTC, metadata as JSON.
    case native
}
