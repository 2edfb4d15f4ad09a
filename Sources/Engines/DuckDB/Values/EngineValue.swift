import CDuckDB

/// A value in the engine's own box, destroyed with its last reference.
final class EngineValue {
    let handle: duckdb_value

    /// Takes over a value that the engine made; nil when it could not make one.
    init?(_ handle: duckdb_value?) {
        guard let handle else { return nil }
        self.handle = handle
    }

    deinit {
        var handle: duckdb_value? = handle
        duckdb_destroy_value(&handle)
    }

    /// The value as the engine's cast to VARCHAR writes it.
    var text: String {
        if duckdb_is_null_value(handle) { return "NULL" }
        guard let characters = duckdb_get_varchar(handle) else { return "" }
        defer { duckdb_free(characters) }
        return String(cString: characters)
    }

    /// A UUID from its 128 bits.
    static func uuid(_ bits: UInt128) -> EngineValue? {
        EngineValue(
            duckdb_create_uuid(
                duckdb_uhugeint(lower: UInt64(truncatingIfNeeded: bits), upper: UInt64(truncatingIfNeeded: bits >> 64)))
        )
    }

    /// A list of texts.
    static func strings(_ texts: [String]) -> EngineValue? {
        var elements: [EngineValue] = []
        for text in texts {
            var text = text
            let element = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    duckdb_create_varchar_length(characters.baseAddress, idx_t(characters.count))
                }
            }
            guard let element = EngineValue(element) else { return nil }
            elements.append(element)
        }
        let type = LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR))
        return withExtendedLifetime(elements) {
            var handles = elements.map { Optional($0.handle) }
            return EngineValue(duckdb_create_list_value(type.handle, &handles, idx_t(handles.count)))
        }
    }
}
