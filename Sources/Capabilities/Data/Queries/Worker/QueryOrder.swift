import JSON

/// How a query's process is to confine itself, known before there is a query.
struct WorkerSettings {
    /// Memory of its engine in bytes: more is kept in files.
    var engineBytes: Int
    /// Memory of the whole process in bytes, beyond what it begins with.
    var memoryBytes: Int
    var threads: Int
    /// Where files may be read.
    var mirrorFolder: String
    /// Where files may be written.
    var workFolder: String

    var encoded: [UInt8] {
        let value: JSONValue = [
            "engine_bytes": .integer(Int64(engineBytes)), "memory_bytes": .integer(Int64(memoryBytes)),
            "threads": .integer(Int64(threads)), "mirror_folder": .string(mirrorFolder),
            "work_folder": .string(workFolder),
        ]
        return value.encoded()
    }
}

extension WorkerSettings {
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let engineBytes = value["engine_bytes"]?.int64,
            let memoryBytes = value["memory_bytes"]?.int64, let threads = value["threads"]?.int64,
            let mirrorFolder = value["mirror_folder"]?.string, let workFolder = value["work_folder"]?.string
        else { return nil }
        self.init(
            engineBytes: Int(engineBytes), memoryBytes: Int(memoryBytes), threads: Int(threads),
            mirrorFolder: mirrorFolder, workFolder: workFolder)
    }
}

/// A query for a process of its own.
struct QueryOrder {
    /// Files of the environment that a table is made of.
    struct Table: Equatable {
        var name: String
        var files: [String]
    }

    var sql: String
    /// What it may name.
    var tables: [Table]
    /// Rows of the result at most; nil for all, which are then handed over as they come.
    var maxRows: Int?
    var seconds: Int
    var format: QueryFormat
    /// Bytes of the result at most; of one that is handed over as it comes only a file is bounded.
    var resultBytes: Int
    /// A folder of its own, for what does not fit into memory and for a result that is a file.
    var folder: String
    /// Bytes that it may keep there.
    var spillBytes: Int

    /// The same over these tables.
    func over(_ tables: [Table]) -> QueryOrder {
        var order = self
        order.tables = tables
        return order
    }

    /// The file of a Parquet result.
    var resultPath: String { "\(folder)/result.parquet" }

    var encoded: [UInt8] {
        let value: JSONValue = [
            "sql": .string(sql),
            "tables": .array(
                tables.map { ["name": .string($0.name), "files": .array($0.files.map { .string($0) })] }),
            "max_rows": maxRows.map { .integer(Int64($0)) } ?? .null,
            "seconds": .integer(Int64(seconds)), "format": .string(format.rawValue),
            "result_bytes": .integer(Int64(resultBytes)), "folder": .string(folder),
            "spill_bytes": .integer(Int64(spillBytes)),
        ]
        return value.encoded()
    }
}

extension QueryOrder {
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let sql = value["sql"]?.string,
            let tables = value["tables"]?.array?.compactMap(Table.init(json:)),
            let seconds = value["seconds"]?.int64, let format = value["format"]?.string.flatMap(QueryFormat.init),
            let resultBytes = value["result_bytes"]?.int64, let folder = value["folder"]?.string,
            let spillBytes = value["spill_bytes"]?.int64
        else { return nil }
        self.init(
            sql: sql, tables: tables, maxRows: value["max_rows"]?.int64.map { Int($0) }, seconds: Int(seconds),
            format: format,
            resultBytes: Int(resultBytes), folder: folder, spillBytes: Int(spillBytes))
    }
}

extension QueryOrder.Table {
    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.string, let files = json["files"]?.array?.compactMap(\.string) else {
            return nil
        }
        self.init(name: name, files: files)
    }
}
