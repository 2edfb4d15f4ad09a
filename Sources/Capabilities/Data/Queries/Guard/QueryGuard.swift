import DuckDB
import JSON

/// Decides what may run. It looks at the tree that the engine's own parser makes of the text, never at the text.
///
/// What runs is the text that the engine writes for the tree, and that text is parsed and checked in its turn: whatever
/// the first text hid, what is run is what was checked.
struct QueryGuard {
    /// A connection to the engine, whose parser is used.
    let connection: Connection

    /// A deeper tree is refused; the engine's own limit is a thousand expressions.
    private static let treeLimits = JSONLimits(maxDepth: 600, maxValues: 1_500_000)

    /// The query to run: one SELECT statement without comments or semicolons.
    ///
    /// - Throws: ``QueryError/refused(_:)`` or ``QueryError/invalid(_:)``; `DuckDBError` when the engine stops.
    func check(_ text: String) throws -> String {
        try Self.checkText(text)
        let first = try syntaxTree(of: text)
        try Self.check(first)
        let canonical = try self.text(of: Self.comparingIdentifiers(first))
        try Self.check(try syntaxTree(of: canonical))
        return canonical
    }

    /// What is refused before it is looked at: a text that is too long, or that no engine and no message can hold.
    static func checkText(_ text: String) throws(QueryError) {
        guard text.utf8.count <= QueryLimits.textBytes else {
            throw QueryError.refused("The query is longer than \(QueryLimits.textBytes) bytes.")
        }
        guard !text.utf8.contains(0) else { throw QueryError.refused("The query holds a NUL character.") }
    }

    /// A checked tree in which no comparison of an id with a text fails, see ``IdentifierComparisons``.
    private static func comparingIdentifiers(_ tree: String) -> String {
        guard let root = try? JSONDocument(parsing: tree, limits: treeLimits).root else { return tree }
        var comparisons = IdentifierComparisons()
        let rewritten = comparisons.rewrite(root.value)
        return comparisons.hasChanged ? rewritten.encodedString : tree
    }

    private func syntaxTree(of text: String) throws -> String {
        let rows = try connection.query("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [.string(text)])
        return try rows.next()?.string(0, 0) ?? ""
    }

    private func text(of tree: String) throws -> String {
        let rows = try connection.query("SELECT json_deserialize_sql(CAST(? AS JSON))", [.string(tree)])
        return try rows.next()?.string(0, 0) ?? ""
    }

    private static func check(_ tree: String) throws(QueryError) {
        let root: JSONNode
        do {
            root = try JSONDocument(parsing: tree, limits: treeLimits).root
        } catch .tooDeep {
            throw .refused("The query is nested too deeply.")
        } catch {
            throw .refused("The query is too long, or holds text that cannot be checked.")
        }
        if root["error"]?.bool != false {
            let message = root["error_message"]?.string ?? "The query cannot be read."
            guard root["error_type"]?.string != "not implemented" else {
                throw .refused("Only one SELECT statement can be run.")
            }
            throw .invalid(message)
        }
        guard let statements = root["statements"], statements.kind == .array, let statement = statements[0] else {
            throw .invalid("The query is empty.")
        }
        guard statements.count == 1 else { throw .refused("Only one statement can be run at a time.") }
        guard statement["named_param_map"].map({ $0.count == 0 }) ?? true, let node = statement["node"] else {
            throw .refused("A query takes no parameters.")
        }
        var check = SyntaxCheck()
        try check.walk(node, in: SyntaxCheck.Scope())
    }
}
