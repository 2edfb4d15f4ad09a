import CDuckDB

extension DataChunk {
    /// Sets a VARCHAR[].
    public func setStrings(_ texts: [String], column: Int, row: Int) {
        guard let (elements, first) = makeRoom(for: texts.count, of: .varchar, column, row) else { return }
        for (index, text) in texts.enumerated() {
            var text = text
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    duckdb_unsafe_vector_assign_string_element_len(
                        elements, idx_t(first + index), characters.baseAddress, idx_t(characters.count))
                }
            }
        }
    }

    /// Sets a BIGINT[].
    public func setInt64s(_ numbers: [Int64], column: Int, row: Int) {
        guard let (elements, first) = makeRoom(for: numbers.count, of: .bigint, column, row),
            let data = duckdb_vector_get_data(elements)
        else { return }
        for (index, number) in numbers.enumerated() {
            data.storeBytes(of: number, toByteOffset: (first + index) * MemoryLayout<Int64>.stride, as: Int64.self)
        }
    }

    /// Makes a cell a list of so many elements.
    /// - Returns: the elements of all cells of the column, and which is the cell's first one; nil, with the failure
    ///   noted, when the column is of another type or there is no memory.
    private func makeRoom(
        for count: Int, of type: ColumnType, _ column: Int, _ row: Int
    ) -> (elements: duckdb_vector?, first: Int)? {
        guard let cell = cell(column, row, DUCKDB_TYPE_LIST) else { return nil }
        guard columns[column] == .list(type) else {
            refuse("the column \(column) is of type \(columns[column]) and does not take this value")
            return nil
        }
        let list = cell.pointee.vector
        let first = Int(duckdb_list_vector_get_size(list))
        guard duckdb_list_vector_reserve(list, idx_t(first + count)) == DUCKDB_STATE_SUCCESS,
            duckdb_list_vector_set_size(list, idx_t(first + count)) == DUCKDB_STATE_SUCCESS
        else {
            refuse("the engine has no room for \(count) elements", kind: .outOfMemory)
            return nil
        }
        cell.pointee.store(duckdb_list_entry(offset: UInt64(first), length: UInt64(count)), row)
        return (duckdb_list_vector_get_child(list), first)
    }
}
