import CDuckDB

extension Vector {
    /// The elements of a LIST's or MAP's cell, as rows of the child.
    func listRange(_ row: Int) -> Range<Int> {
        let entry = load(row, as: duckdb_list_entry.self)
        return Int(entry.offset)..<Int(entry.offset + entry.length)
    }

    /// The elements of all cells of a LIST, one after another.
    func listChild() -> Vector {
        Vector(duckdb_list_vector_get_child(handle), type: LogicalType(duckdb_list_type_child_type(type.handle)))
    }

    /// The cell in the engine's own box, from which it renders text; nil for types that have none here.
    func engineValue(_ row: Int) -> EngineValue? {
        if isNull(row) { return EngineValue(duckdb_create_null_value()) }
        switch id {
        case DUCKDB_TYPE_LIST: return listValue(row)
        case DUCKDB_TYPE_MAP: return mapValue(row)
        case DUCKDB_TYPE_ARRAY: return arrayValue(row)
        case DUCKDB_TYPE_STRUCT: return structureValue(row)
        case DUCKDB_TYPE_UNION: return unionValue(row)
        default: return EngineValue(scalarValue(row))
        }
    }

    private func listValue(_ row: Int) -> EngineValue? {
        let child = listChild()
        return Vector.boxed(listRange(row).map(child.engineValue)) { elements, count in
            duckdb_create_list_value(child.type.handle, elements, count)
        }
    }

    private func arrayValue(_ row: Int) -> EngineValue? {
        let count = Int(duckdb_array_type_array_size(type.handle))
        let child = Vector(
            duckdb_array_vector_get_child(handle), type: LogicalType(duckdb_array_type_child_type(type.handle)))
        return Vector.boxed((row * count..<(row + 1) * count).map(child.engineValue)) { elements, count in
            duckdb_create_array_value(child.type.handle, elements, count)
        }
    }

    private func mapValue(_ row: Int) -> EngineValue? {
        let entries = duckdb_list_vector_get_child(handle)
        let keys = Vector(
            duckdb_struct_vector_get_child(entries, 0), type: LogicalType(duckdb_map_type_key_type(type.handle)))
        let values = Vector(
            duckdb_struct_vector_get_child(entries, 1), type: LogicalType(duckdb_map_type_value_type(type.handle)))
        let rows = listRange(row)
        return Vector.boxed(rows.map(keys.engineValue) + rows.map(values.engineValue)) { elements, _ in
            duckdb_create_map_value(type.handle, elements, elements + rows.count, idx_t(rows.count))
        }
    }

    private func structureValue(_ row: Int) -> EngineValue? {
        let members = (0..<duckdb_struct_type_child_count(type.handle)).map { index in
            Vector(
                duckdb_struct_vector_get_child(handle, index),
                type: LogicalType(duckdb_struct_type_child_type(type.handle, index)))
        }
        return Vector.boxed(members.map { $0.engineValue(row) }) { elements, _ in
            duckdb_create_struct_value(type.handle, elements)
        }
    }

    /// A UNION is a structure whose first member tells which of the others counts.
    private func unionValue(_ row: Int) -> EngineValue? {
        let tags = Vector(
            duckdb_struct_vector_get_child(handle, 0),
            type: LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_UTINYINT)))
        let tag = idx_t(tags.load(row, as: UInt8.self))
        let member = Vector(
            duckdb_struct_vector_get_child(handle, tag + 1),
            type: LogicalType(duckdb_union_type_member_type(type.handle, tag)))
        // A NULL has no type, and the engine takes only one of the member's.
        if member.isNull(row) { return EngineValue(duckdb_create_null_value()) }
        return Vector.boxed([member.engineValue(row)]) { elements, _ in
            duckdb_create_union_value(type.handle, tag, elements[0])
        }
    }

    /// Hands over the boxes of all elements; nil when one of them has none.
    private static func boxed(
        _ elements: [EngineValue?], _ make: (UnsafeMutablePointer<duckdb_value?>, idx_t) -> duckdb_value?
    ) -> EngineValue? {
        let present = elements.compactMap(\.self)
        guard present.count == elements.count else { return nil }
        return withExtendedLifetime(present) {
            // One place more than there are elements: the engine wants an address even for none.
            var handles = present.map { Optional($0.handle) } + [nil]
            return handles.withUnsafeMutableBufferPointer { places in
                places.baseAddress.flatMap { EngineValue(make($0, idx_t(present.count))) }
            }
        }
    }
}
