import DuckDB
import Foundation

/// A connection to a database in memory.
func memory(_ settings: [String: String] = [:]) throws -> Connection {
    try Database(path: nil, settings: settings).connect()
}

extension Connection {
    /// The first cell of a query, as text.
    func text(_ sql: String, _ parameters: [Value] = []) throws -> String? {
        guard let chunk = try query(sql, parameters).next() else { return nil }
        return try chunk.string(0, 0)
    }

    /// The first cell of a query, as an integer.
    func integer(_ sql: String, _ parameters: [Value] = []) throws -> Int64? {
        guard let chunk = try query(sql, parameters).next() else { return nil }
        return try chunk.int64(0, 0)
    }
}

/// The error of a family that a body throws.
func failure(_ body: () throws -> Void) -> DuckDBError.Kind? {
    do {
        try body()
        return nil
    } catch {
        return (error as? DuckDBError)?.kind
    }
}

/// The process's resident memory, in bytes.
func residentMemory() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}
