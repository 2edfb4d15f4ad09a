import CDuckDB

/// The cells of one column of a chunk, in the engine's memory. Valid as long as the chunk.
struct Vector {
    let handle: duckdb_vector?
    let type: LogicalType
    let id: duckdb_type
    private let data: UnsafeMutableRawPointer?
    private let validity: UnsafeMutablePointer<UInt64>?

    init(_ handle: duckdb_vector?, type: LogicalType) {
        self.handle = handle
        self.type = type
        id = type.id
        data = duckdb_vector_get_data(handle)
        validity = duckdb_vector_get_validity(handle)
    }

    /// Whether the cell is NULL: one bit a row, no bits at all when no row is.
    func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return validity[row >> 6] & (1 << UInt64(row & 63)) == 0
    }

    /// The cell's fixed-size content. The type is always named: left to inference it may come out as an optional.
    func load<T: BitwiseCopyable>(_ row: Int, as type: T.Type) -> T {
        // Only columns of nested types have no data of their own, and they are never loaded.
        data.unsafelyUnwrapped.load(fromByteOffset: row * MemoryLayout<T>.stride, as: type)
    }

    /// The bytes of a text, blob or bit string: 16 bytes a cell, holding the length and, up to 12, the bytes
    /// themselves.
    func bytes(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        let cell = data.unsafelyUnwrapped + row * 16
        let count = Int(cell.load(as: UInt32.self))
        let start =
            count <= 12 ? UnsafeRawPointer(cell + 4) : cell.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
        return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: count)
    }
}
