import CDuckDB

/// A type in the engine's own box, destroyed with its last reference.
final class LogicalType {
    let handle: duckdb_logical_type?

    init(_ handle: duckdb_logical_type?) {
        self.handle = handle
    }

    deinit {
        var handle = handle
        duckdb_destroy_logical_type(&handle)
    }

    /// The type's number; the others' details depend on it.
    var id: duckdb_type { duckdb_get_type_id(handle) }
}
