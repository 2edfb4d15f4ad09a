import JSON

/// A Parquet file for a process of its own to read.
struct TableOrder {
    /// The file, in a folder that the process may read.
    var path: String
    /// The columns wanted; others are passed over.
    var columns: [String]
    var seconds: Int
    /// Bytes of the rows as JSON at most.
    var resultBytes: Int

    var encoded: [UInt8] {
        let value: JSONValue = [
            "path": .string(path), "columns": .array(columns.map { .string($0) }), "seconds": .integer(Int64(seconds)),
            "result_bytes": .integer(Int64(resultBytes)),
        ]
        return value.encoded()
    }
}

extension TableOrder {
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let path = value["path"]?.string,
            let columns = value["columns"]?.array?.compactMap(\.string), let seconds = value["seconds"]?.int64,
            let resultBytes = value["result_bytes"]?.int64
        else { return nil }
        self.init(path: path, columns: columns, seconds: Int(seconds), resultBytes: Int(resultBytes))
    }
}
