import CDuckDB

/// Rows on their way into an ``Appender``, written column by column straight into the engine's memory.
///
/// A cell that is not set is NULL. Setters neither throw nor trap, so that the hot path stays bare: the first misuse
/// (an unfitting type, a cell out of range, invalid UTF-8) is remembered, and ``Appender/append(_:)-(DataChunk)``
/// throws it.
public final class DataChunk {
    /// How many rows fit: 2,048, as the engine is built.
    public let capacity: Int
    /// The types of the columns, in order.
    public let columns: [ColumnType]
    /// How many rows there are: one more than the highest row set.
    public var count: Int { rows.pointee }

    let handle: duckdb_data_chunk
    private let cells: UnsafeMutablePointer<WritableVector>
    /// The count, like the cells out of reach of the exclusivity checks that every stored property of a class pays for.
    private let rows: UnsafeMutablePointer<Int>
    private let width: Int
    private var failure: DuckDBError?

    init(types: [LogicalType], columns: [ColumnType]) throws(DuckDBError) {
        var handles = types.map(\.handle)
        let made = withExtendedLifetime(types) { duckdb_create_data_chunk(&handles, idx_t(handles.count)) }
        guard let made else {
            throw DuckDBError(.outOfMemory, "the engine could not make a chunk of \(types.count) columns")
        }
        handle = made
        capacity = Int(duckdb_vector_size())
        self.columns = columns
        width = types.count
        rows = .allocate(capacity: 1)
        rows.initialize(to: 0)
        cells = .allocate(capacity: types.count)
        for (index, type) in types.enumerated() {
            let vector = duckdb_data_chunk_get_vector(made, idx_t(index))
            (cells + index).initialize(to: WritableVector(vector, id: type.id))
        }
    }

    deinit {
        cells.deallocate()
        rows.deallocate()
        var handle: duckdb_data_chunk? = handle
        duckdb_destroy_data_chunk(&handle)
    }

    /// The vector to write a cell of, its rows before it filled up; nil, with the failure noted, when the cell cannot
    /// hold one of the types.
    @inline(__always)
    func cell(_ column: Int, _ row: Int, _ id: duckdb_type, or other: duckdb_type? = nil)
        -> UnsafeMutablePointer<WritableVector>?
    {
        guard column >= 0, column < width, row >= 0, row < capacity else {
            return refuse("there is no cell at column \(column), row \(row)")
        }
        let vector = cells + column
        guard vector.pointee.id == id || vector.pointee.id == other else {
            return refuse("the column \(column) is of type \(columns[column]) and does not take this value")
        }
        vector.pointee.prepare(row)
        if row >= rows.pointee { rows.pointee = row + 1 }
        return vector
    }

    /// Makes the cell NULL.
    public func setNull(column: Int, row: Int) {
        guard column >= 0, column < width else {
            refuse("there is no column \(column)")
            return
        }
        guard let vector = cell(column, row, cells[column].id) else { return }
        vector.pointee.setNull(row)
    }

    /// Notes the first misuse.
    @discardableResult
    func refuse(_ message: String, kind: DuckDBError.Kind = .misuse) -> UnsafeMutablePointer<WritableVector>? {
        if failure == nil { failure = DuckDBError(kind, message) }
        return nil
    }

    /// Makes the rows complete, or throws the misuse that was noted.
    func finish() throws(DuckDBError) {
        if let failure { throw failure }
        for column in 0..<width { cells[column].fill(upTo: count) }
        duckdb_data_chunk_set_size(handle, idx_t(count))
    }

    /// Empties the chunk. Its memory is kept, but the engine may have swapped it, so that the addresses are asked for
    /// anew.
    func reset() {
        duckdb_data_chunk_reset(handle)
        for column in 0..<width { cells[column].reset() }
        rows.pointee = 0
        failure = nil
    }
}
