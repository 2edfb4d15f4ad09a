import GRDB

/// Keys that code calls resources by, made from names.
enum ResourceKey {
    static let maximumLength = 32

    /// `Add to cart!` becomes `add-to-cart`. Letters and digits of any script stay, everything else separates words.
    static func base(from name: String, fallback: String) -> String {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        let key = String(words.joined(separator: "-").prefix(maximumLength))
        return key.isEmpty ? fallback : key
    }

    /// The base, or with `-2`, `-3` and so on appended when resources of the kind have that already.
    static func free(_ base: String, _ kind: ResourceKind, projectID: Int64, in database: Database) throws -> String {
        var candidate = base
        var number = 1
        while try isTaken(candidate, kind, projectID: projectID, except: nil, in: database) {
            number += 1
            let suffix = "-\(number)"
            candidate = base.prefix(maximumLength - suffix.count) + suffix
        }
        return candidate
    }

    static func isTaken(
        _ key: String, _ kind: ResourceKind, projectID: Int64, except id: Int64?, in database: Database
    ) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM resources WHERE project_id = ? AND kind = ? AND key = ? AND id IS NOT ?)
                """,
            arguments: [projectID, kind.rawValue, key, id]) ?? false
    }
}
