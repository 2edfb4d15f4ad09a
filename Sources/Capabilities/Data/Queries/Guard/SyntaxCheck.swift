import EventStore
import JSON
import Text

/// Walks the tree of one SELECT statement as the engine serialises it. Whatever is not known to be harmless is refused:
/// kinds of nodes, tables, functions and types all go by lists of what is allowed.
///
/// Objects with a `class` are expressions, those with a textual `type` are query nodes, tables or modifiers, those with
/// an `id` are types; others only group such objects, and are walked through.
struct SyntaxCheck {
    /// What a name means at one place of the tree.
    struct Scope {
        /// The common table expressions that can be named here, in lower case.
        var tables: Set<ClientText> = []
        /// Whether this is the part of a recursive query that runs again and again.
        var isRepeated = false
    }

    /// Tables and subqueries named in one query at most.
    private static let maximumTables = 64
    private var tableCount = 0
    /// Values that expressions join into longer ones, see `AllowedFunctions.builders`.
    private static let maximumBuilding = 24
    private var buildingCount = 0

    /// Checks a part of the tree and all within it.
    mutating func walk(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        switch node.kind {
        case .array: for element in node.elements { try walk(element, in: scope) }
        case .object: try check(node, in: scope)
        default: break
        }
    }

    private mutating func walkMembers(of node: JSONNode, in scope: Scope, except skipped: StaticString? = nil)
        throws(QueryError)
    {
        for member in node.members {
            if let skipped, member.value.hasKey(skipped) { continue }
            try walk(member.value, in: scope)
        }
    }

    private mutating func check(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        if let kind = node["class"] {
            try checkExpression(node, kind.string ?? "", in: scope)
        } else if let type = node["type"]?.string {
            try checkNode(node, type, in: scope)
        } else if let id = node["id"]?.string {
            try AllowedTypes.check(node, id)
        } else {
            try walkMembers(of: node, in: scope)
        }
    }

    // MARK: Queries and tables

    private mutating func checkNode(_ node: JSONNode, _ type: String, in scope: Scope) throws(QueryError) {
        switch type {
        case "SELECT_NODE", "SET_OPERATION_NODE":
            let inner = try checkTableExpressions(of: node, in: scope)
            try walkMembers(of: node, in: inner, except: "cte_map")
        case "RECURSIVE_CTE_NODE":
            try checkRecursion(node, in: try checkTableExpressions(of: node, in: scope))
        case "BASE_TABLE":
            try Self.count(&tableCount, 1, upTo: Self.maximumTables, "tables")
            try checkTable(node, in: scope)
        case "TABLE_FUNCTION":
            try Self.count(&tableCount, 1, upTo: Self.maximumTables, "tables")
            try checkTableFunction(node, in: scope)
        case "SUBQUERY":
            try Self.count(&tableCount, 1, upTo: Self.maximumTables, "tables")
            try walkMembers(of: node, in: scope)
        case "JOIN", "EXPRESSION_LIST", "EMPTY", "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER",
            "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING":
            try walkMembers(of: node, in: scope)
        case "SHOW_REF": throw .refused("DESCRIBE, SHOW and SUMMARIZE are not available in queries.")
        case "PIVOT": throw .refused("PIVOT and UNPIVOT are not available in queries.")
        default: throw .refused("The construct \(type) is not available in queries.")
        }
    }

    /// Checks the common table expressions of a query node, each of which sees those before it.
    ///
    /// - Returns: what can be named in the node itself.
    private mutating func checkTableExpressions(of node: JSONNode, in scope: Scope) throws(QueryError) -> Scope {
        var inner = scope
        guard let map = node["cte_map"]?["map"] else { return inner }
        for entry in map.elements {
            guard let name = entry["key"]?.string, let content = entry["value"] else {
                throw .refused("The query's WITH clause cannot be checked.")
            }
            let key = try Self.tableExpressionName(name)
            if content["materialized"]?.string == "CTE_MATERIALIZE_NEVER" {
                throw .refused("NOT MATERIALIZED is not available in queries.")
            }
            try walk(content, in: inner)
            inner.tables.insert(key)
        }
        return inner
    }

    /// Only the part that runs repeatedly may name the expression itself.
    private mutating func checkRecursion(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        var repeated = scope
        repeated.tables.insert(try Self.tableExpressionName(node["cte_name"]?.string ?? ""))
        repeated.isRepeated = true
        for member in node.members where !member.value.hasKey("cte_map") {
            try walk(member.value, in: member.value.hasKey("right") ? repeated : scope)
        }
    }

    /// The name of a common table expression, in lower case. Names of the engine's own tables are refused even where
    /// they would mean the expression.
    private static func tableExpressionName(_ name: String) throws(QueryError) -> ClientText {
        let key = name.asciiLowercased
        if let table = Self.table(key) {
            throw .refused("WITH may not give the name \(table) to something else.")
        }
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
        guard isPlain, !["duckdb_", "pragma_", "pg_", "sqlite_"].contains(where: key.hasPrefix) else {
            throw .refused(
                "Names in WITH are made of letters, digits and underscores; \(name.prefix(64)) is not allowed.")
        }
        return ClientText(key)
    }

    /// The name of a table of the engine's own; nil for any other.
    /// - Parameter key: in lower case.
    private static func table(_ key: String) -> String? {
        ShownTable.all.map(\.name).first { $0.hasSameBytes(as: key) }
    }

    private mutating func checkTable(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        let name = node["table_name"]?.string ?? ""
        let qualifiers = [node["catalog_name"]?.string, node["schema_name"]?.string].compactMap(\.self)
            .filter { !$0.isEmpty }
        let key = name.asciiLowercased
        guard qualifiers.isEmpty, Self.table(key) != nil || scope.tables.contains(ClientText(key)) else {
            let full = (qualifiers + [name]).joined(separator: ".")
            let known = ShownTable.all.map(\.name).joined(separator: " and ")
            throw .refused("There is no table \(full.prefix(200)); the tables are \(known).")
        }
        if let version = node["at_clause"], !version.isNull { throw .refused("AT is not available in queries.") }
        try walkMembers(of: node, in: scope)
    }

    private mutating func checkTableFunction(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        guard let function = node["function"], function["class"]?.isString("FUNCTION") == true,
            let name = function["function_name"]?.string?.asciiLowercased, Self.isUnqualified(function)
        else { throw .refused("Only unnest, range and generate_series can stand where a table does.") }
        let arguments = Array(function["children"]?.elements ?? node.elements)
        switch name {
        case "unnest":
            for member in node.members {
                if member.value.hasKey("function") {
                    for argument in arguments { try walk(argument, in: scope) }
                } else {
                    try walk(member.value, in: scope)
                }
            }
        case "range", "generate_series":
            try NumberSeries.check(arguments, name)
            try walkMembers(of: node, in: scope, except: "function")
        default:
            throw .refused(
                "The table function \(name.prefix(64)) is not available in queries; unnest, range and generate_series are."
            )
        }
    }

    // MARK: Expressions

    private mutating func checkExpression(_ node: JSONNode, _ kind: String, in scope: Scope) throws(QueryError) {
        let type = node["type"]?.string ?? ""
        switch kind {
        case "CONSTANT":
            // A literal holds nothing to be looked up.
            guard type == "VALUE_CONSTANT" else { throw .refused("The construct \(type) is not available in queries.") }
            return
        case "FUNCTION", "WINDOW": try checkFunction(node, in: scope)
        case "STAR":
            guard node["columns"]?.bool != true || node["expr"].map(\.isNull) ?? true else {
                throw .refused("COLUMNS is not available in queries.")
            }
        case "COLLATE":
            let collation = node["collation"]?.string?.lowercased() ?? ""
            guard ["nocase", "noaccent", "binary"].contains(collation) else {
                throw .refused("The collation \(collation.prefix(64)) is not available in queries.")
            }
        case "OPERATOR":
            guard AllowedFunctions.operators.contains(type) else {
                throw .refused("The operator \(type) is not available in queries.")
            }
        case "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "LAMBDA", "POSITIONAL_REFERENCE",
            "SUBQUERY":
            break
        case "PARAMETER": throw .refused("A query takes no parameters.")
        default: throw .refused("The construct \(kind) is not available in queries.")
        }
        try walkMembers(of: node, in: scope)
    }

    private mutating func checkFunction(_ node: JSONNode, in scope: Scope) throws(QueryError) {
        let name = node["function_name"]?.string?.asciiLowercased ?? ""
        guard AllowedFunctions.names.contains(name), Self.isUnqualified(node) else {
            throw .refused("The function \(name.prefix(64)) is not available in queries.")
        }
        if node["export_state"]?.bool == true { throw .refused("EXPORT_STATE is not available in queries.") }
        let arguments = Array(node["children"]?.elements ?? node.elements)
        for position in AllowedFunctions.literalArguments[name] ?? [] where position < arguments.count {
            guard Self.isShortLiteral(arguments[position]) else {
                throw .refused("Argument \(position + 1) of \(name) must be a literal of at most 256 bytes.")
            }
        }
        if name == "strftime", !arguments.contains(where: Self.isShortLiteral) {
            throw .refused("The format of strftime must be a literal of at most 256 bytes.")
        }
        guard AllowedFunctions.builders.contains(name) else { return }
        if scope.isRepeated {
            throw .refused("The function \(name) is not available in the part of a recursive query that is repeated.")
        }
        let growing = arguments.count { $0["class"]?.isString("CONSTANT") != true }
        try Self.count(&buildingCount, growing, upTo: Self.maximumBuilding, "values joined into longer ones")
    }

    /// The parser itself writes the schema `main` before some functions; anything else was meant to reach elsewhere.
    private static func isUnqualified(_ function: JSONNode) -> Bool {
        let schema = function["schema"]?.string ?? ""
        return (schema.isEmpty || schema == "main") && function["catalog"]?.string ?? "" == ""
    }

    private static func isShortLiteral(_ node: JSONNode) -> Bool {
        guard node["class"]?.isString("CONSTANT") == true else { return false }
        return (node["value"]?["value"]?.string ?? "").utf8.count <= 256
    }

    private static func count(_ total: inout Int, _ more: Int, upTo maximum: Int, _ noun: String) throws(QueryError) {
        total += more
        if total > maximum { throw .refused("The query has more than \(maximum) \(noun).") }
    }
}

extension String {
    /// As the engine compares names: only the letters A to Z have a lower case.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
