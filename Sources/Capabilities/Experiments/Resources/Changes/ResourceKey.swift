package import ControlStore
import Text

/// Keys that code calls resources by, made from names.
package enum ResourceKey {
    static let maximumLength = 32

    /// Words that stand in addresses where a key would.
    private static let reserved: Set<String> = ["add", "bulk-update", "bulk-delete"]

    /// Whether an address that ends in the key finds its resource: numbers are ids there.
    static func isUsable(_ key: String) -> Bool {
        !key.isEmpty && key != "." && key != ".." && !reserved.contains(key.lowercased())
            && !key.utf8.allSatisfy { (48...57).contains($0) } && Int64(key) == nil
            && key.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "/" }
    }

    /// `Add to cart!` becomes `add-to-cart`. Letters and digits of any script stay, everything else separates words.
    package static func base(from name: String, fallback: String) -> String {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        let key = cut(words.joined(separator: "-"), to: maximumLength)
        if key.isEmpty { return fallback }
        return isUsable(key) ? key : cut("\(fallback)-\(key)", to: maximumLength)
    }

    /// The base, or with `-2`, `-3` and so on appended when resources of the kind have that already. Of many taken ones
    /// few are looked at: the number is doubled until it is free, and then sought between.
    static func free(_ base: String, _ kind: ResourceKind, projectID: Int64, in database: Database) throws -> String {
        try free(base) { try isTaken($0, kind, projectID: projectID, except: nil, in: database) }
    }

    /// The same wherever keys are kept.
    package static func free(_ base: String, isTaken: (String) throws -> Bool) throws -> String {
        func candidate(_ number: Int) -> String {
            let suffix = number == 1 ? "" : "-\(number)"
            return cut(base, to: maximumLength - suffix.count) + suffix
        }
        var free = 1
        while try isTaken(candidate(free)) { free *= 2 }
        var taken = free / 2
        while free - taken > 1 {
            let middle = taken + (free - taken) / 2
            if try isTaken(candidate(middle)) { taken = middle } else { free = middle }
        }
        return candidate(free)
    }

    /// The first characters, as contracts count them (code points), without a hyphen at the end.
    private static func cut(_ text: String, to length: Int) -> String {
        var cut = text.codePoints(upTo: length)
        while cut.hasSuffix("-") { cut.removeLast() }
        return cut
    }

    package static func isTaken(
        _ key: String, _ kind: ResourceKind, projectID: Int64, except id: Int64?, in database: Database
    ) throws -> Bool {
        try database.value(
            Bool.self,
            prepared: """
                SELECT EXISTS (SELECT 1 FROM resources WHERE project_id = ? AND kind = ? AND key = ? AND id IS NOT ?)
                """,
            arguments: [projectID, kind.rawValue, key, id]) ?? false
    }
}
