import CDuckDB

/// One column of a ``DataChunk``, with its addresses at hand.
struct WritableVector {
    let vector: duckdb_vector?
    let id: duckdb_type
    private var data: UnsafeMutableRawPointer?
    /// One bit a row, set for rows that are not NULL; absent until the first NULL.
    private var validity: UnsafeMutablePointer<UInt64>?
    /// The rows up to here have been written.
    private var filled = 0

    init(_ vector: duckdb_vector?, id: duckdb_type) {
        self.vector = vector
        self.id = id
        data = duckdb_vector_get_data(vector)
    }

    /// Asks for the addresses anew, for an empty chunk.
    mutating func reset() {
        if id == DUCKDB_TYPE_LIST { _ = duckdb_list_vector_set_size(vector, 0) }
        data = duckdb_vector_get_data(vector)
        validity = nil
        filled = 0
    }

    /// Makes the row ready to be written: those skipped before it become NULL, and it is no longer.
    @inline(__always)
    mutating func prepare(_ row: Int) {
        if row == filled {
            filled += 1
        } else if row > filled {
            fill(upTo: row)
            filled += 1
        } else if let validity {
            validity[row >> 6] |= 1 << UInt64(row & 63)
        }
    }

    /// Makes the rows not written yet NULL, up to a count: what the engine left in them must not be read.
    mutating func fill(upTo count: Int) {
        while filled < count {
            setNull(filled)
            filled += 1
        }
    }

    mutating func setNull(_ row: Int) {
        if validity == nil {
            duckdb_vector_ensure_validity_writable(vector)
            validity = duckdb_vector_get_validity(vector)
        }
        validity?[row >> 6] &= ~(1 << UInt64(row & 63))
    }

    /// Writes a cell of fixed size.
    @inline(__always)
    func store<T: BitwiseCopyable>(_ value: T, _ row: Int) {
        // Present for every type that is not nested, and no setter takes a nested one.
        data.unsafelyUnwrapped.storeBytes(of: value, toByteOffset: row * MemoryLayout<T>.stride, as: T.self)
    }

    /// Writes a text or blob: up to 12 bytes lie in the cell itself, longer ones in the engine's heap.
    @inline(__always)
    func store(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Int) {
        if bytes.count <= 12 {
            let cell = data.unsafelyUnwrapped + row * 16
            cell.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            cell.storeBytes(of: UInt64(bytes.count), as: UInt64.self)
            if let start = bytes.baseAddress { (cell + 4).copyMemory(from: start, byteCount: bytes.count) }
        } else {
            bytes.withMemoryRebound(to: CChar.self) { characters in
                duckdb_unsafe_vector_assign_string_element_len(
                    vector, idx_t(row), characters.baseAddress, idx_t(characters.count))
            }
        }
    }
}
