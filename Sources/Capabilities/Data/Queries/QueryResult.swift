/// The form of a result.
public enum QueryFormat: String, Sendable, CaseIterable {
    /// One object: `{"columns": [{"name", "type"}], "rows": [[...]], "row_count", "truncated"}`.
    case json
    /// One object a line, for each row; columns of one name get numbers behind it.
    case ndjson
    /// RFC 4180 with a header line; NULL is an empty field, an empty text a quoted one.
    case csv
    case parquet
}

/// The rows of a query.
public struct QueryResult: Sendable {
    /// The result in the format asked for.
    public let bytes: [UInt8]
    /// How many rows there are.
    public let rowCount: Int
    /// Whether rows past the limit were left out.
    public let isTruncated: Bool
}
