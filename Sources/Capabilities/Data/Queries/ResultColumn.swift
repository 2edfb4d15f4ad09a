import DuckDB
import Text

/// A column of a query's result, by what its values become in text formats.
struct ResultColumn {
    let name: String
    /// As the engine names it, such as `DECIMAL(18,3)`.
    let type: String
    let form: Form

    enum Form {
        case boolean
        /// An integer of at most 64 bits with a sign.
        case integer
        case double
        /// A number that may be wider than any of the machine's, read as its digits.
        case digits
        case timestamp
        /// JSON, or a nested value turned into it.
        case document
        case text
    }

    init(name: String, type: String) {
        self.name = name
        self.type = type
        form = Self.form(of: type)
    }

    private static func form(of type: String) -> Form {
        if type.hasSuffix("]") || ["STRUCT(", "MAP(", "UNION("].contains(where: type.hasPrefix) { return .document }
        if type.hasPrefix("DECIMAL(") { return .digits }
        return switch type {
        case "BOOLEAN": .boolean
        case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER": .integer
        case "UBIGINT", "HUGEINT", "UHUGEINT": .digits
        case "FLOAT", "DOUBLE": .double
        case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE": .timestamp
        case "JSON": .document
        default: .text
        }
    }

    /// The expression that brings a column called `name` into a form that is read here.
    func textExpression(_ name: String) -> String {
        switch form {
        case .boolean, .integer, .double, .timestamp: name
        case .document where type == "JSON": "CAST(\(name) AS VARCHAR)"
        case .document: "CAST(to_json(\(name)) AS VARCHAR)"
        case .digits, .text: "CAST(\(name) AS VARCHAR)"
        }
    }

    /// The same for a Parquet file, which lacks some of the engine's types and would turn others into doubles.
    func parquetExpression(_ name: String) -> String {
        switch type {
        case "HUGEINT": "CAST(\(name) AS DECIMAL(38,0))"
        case "UHUGEINT", "BIT", "BIGNUM", "VARIANT", "TIME WITH TIME ZONE", "JSON", "\"NULL\"", "NULL":
            "CAST(\(name) AS VARCHAR)"
        default: type.hasPrefix("UNION(") ? "CAST(\(name) AS VARCHAR)" : name
        }
    }
}

extension ResultColumn {
    /// The columns of a checked query. The query is planned but not run.
    static func columns(of query: String, on connection: Connection) throws -> [ResultColumn] {
        let rows = try connection.query("SELECT column_name, column_type FROM (DESCRIBE \(query))")
        let columns = try rows.map { chunk, row in
            ResultColumn(name: try chunk.string(0, row) ?? "", type: try chunk.string(1, row) ?? "")
        }
        guard columns.count <= maximumCount else {
            throw QueryError.refused("The result has more than \(maximumCount) columns.")
        }
        return columns
    }

    private static let maximumCount = 1_000
}

extension [ResultColumn] {
    /// A checked query whose columns are in the form that is read here.
    /// - Parameter limit: rows at most; nil for all.
    func textQuery(_ query: String, limit: Int?) -> String {
        let names = indices.map { "c\($0)" }
        return Self.select(zip(self, names).map { $0.textExpression($1) }, of: query, names, limit)
    }

    /// A checked query whose columns can be written to a Parquet file, under names that differ.
    /// - Parameter limit: rows at most; nil for all.
    func parquetQuery(_ query: String, limit: Int?) -> String {
        let names = indices.map { "c\($0)" }
        let selection = zip(zip(self, names), titles).map { column, title in
            "\(column.0.parquetExpression(column.1)) AS \"\(title.replacing("\"", with: "\"\""))\""
        }
        return Self.select(selection, of: query, names, limit)
    }

    private static func select(_ selection: [String], of query: String, _ names: [String], _ limit: Int?) -> String {
        """
        SELECT \(selection.joined(separator: ", ")) FROM (\(query)) AS q(\(names.joined(separator: ", "))) \
        \(limit.map { "LIMIT \($0)" } ?? "")
        """
    }

    /// The columns' names, with numbers behind those that come again, in whatever case.
    var titles: [String] {
        var used: Set<ClientText> = []
        return map { column in
            var title = column.name
            var number = 1
            while !used.insert(ClientText(title.lowercased())).inserted {
                title = "\(column.name)_\(number)"
                number += 1
            }
            return title
        }
    }
}
