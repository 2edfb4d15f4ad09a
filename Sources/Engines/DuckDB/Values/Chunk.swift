import CDuckDB

/// Up to 2,048 rows of a result, column by column. Reads are by column and row index, from 0; an index out of range is
/// a programming error and traps, a column of an unfitting type throws, and NULL reads as nil.
public final class Chunk {
    /// The columns, in order.
    public let columns: [Column]
    /// How many rows there are, at least one.
    public let count: Int
    private let handle: duckdb_data_chunk
    private let vectors: [Vector]

    /// Takes over a chunk.
    init(_ handle: duckdb_data_chunk, columns: [Column], types: [LogicalType]) {
        self.handle = handle
        self.columns = columns
        count = Int(duckdb_data_chunk_get_size(handle))
        vectors = types.enumerated().map { index, type in
            Vector(duckdb_data_chunk_get_vector(handle, idx_t(index)), type: type)
        }
    }

    deinit {
        var handle: duckdb_data_chunk? = handle
        duckdb_destroy_data_chunk(&handle)
    }

    /// Whether the cell is NULL.
    public func isNull(_ column: Int, _ row: Int) -> Bool {
        vector(column, row) == nil
    }

    /// The column's vector; nil when the cell is NULL.
    func vector(_ column: Int, _ row: Int) -> Vector? {
        precondition(row >= 0 && row < count, "the row is out of the chunk's range")
        let vector = vectors[column]
        return vector.isNull(row) ? nil : vector
    }

    /// The error for reading a column as something it is not.
    func mismatch(_ column: Int, _ wanted: String) -> DuckDBError {
        DuckDBError(
            .misuse,
            "the column '\(columns[column].name)' is of type \(columns[column].type), not \(wanted): cast it in SQL")
    }
}
