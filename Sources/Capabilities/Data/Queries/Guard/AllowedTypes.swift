import JSON

/// The types that a query may cast to. Arrays of a fixed length are not among them: their length alone takes memory.
enum AllowedTypes {
    private static let simple: Set<String> = [
        "NULL", "\"NULL\"", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
        "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "BLOB", "UUID", "DATE", "TIME",
        "TIME WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
        "TIMESTAMP WITH TIME ZONE", "INTERVAL",
    ]

    /// Checks the engine's description of a type.
    static func check(_ type: JSONNode, _ id: String) throws(QueryError) {
        let details = type["type_info"]
        switch id {
        case "LIST", "MAP":
            try check(member: details?["child_type"])
        case "STRUCT":
            guard let members = details?["child_types"] else { throw refusal(id) }
            for member in members.elements { try check(member: member["second"]) }
        case "UNBOUND":
            // A name that the parser does not know: JSON is a type that an extension brings.
            guard details?["name"]?.string?.asciiLowercased == "json",
                details?["catalog"]?.string ?? "" == "", details?["schema"]?.string ?? "" == "",
                details?["user_type_modifiers"].map({ $0.count == 0 }) ?? true,
                details?["expr"].map(\.isNull) ?? true
            else { throw refusal(details?["name"]?.string ?? id) }
        default:
            guard simple.contains(id), details?["alias"]?.string ?? "" == "" else { throw refusal(id) }
        }
    }

    private static func check(member type: JSONNode?) throws(QueryError) {
        guard let type, let id = type["id"]?.string else { throw refusal("nested") }
        try check(type, id)
    }

    private static func refusal(_ name: String) -> QueryError {
        .refused("The type \(name.prefix(64)) is not available in queries.")
    }
}
