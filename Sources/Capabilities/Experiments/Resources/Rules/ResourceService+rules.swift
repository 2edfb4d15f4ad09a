package import ControlStore
import Identity
package import JSON
import Targeting
import Text

/// Rules name goals and segments by their ids. What they name is kept with the references of resources, so that none of
/// it is deleted under them.
extension ResourceService {
    /// Members whose values are rules.
    package static let ruleMembers = ["rules", "triggering_rule", "site_area"]
    /// The field of such references.
    static let ruleField = "rules"

    /// Keeps rules within what is evaluated.
    /// - Parameter old: the document as it is stored: what has not changed stays as it is.
    /// - Throws: ``ExperimentsError/invalid(_:)`` naming the member.
    static func checkSize(ofRulesIn document: JSONObject, old: JSONObject?) throws(ExperimentsError) {
        for member in ruleMembers {
            guard let rules = document[member], rules != old?[member] else { continue }
            if let excess = RuleLimits.excess(of: rules) {
                throw .invalid(member, "\(member) \(excess). Make several audiences, locations or goals of it.")
            }
        }
    }

    /// Stores what the rules of a document name.
    /// - Throws: ``ExperimentsError`` for what the project does not have.
    package func setRuleReferences(
        of id: Int64, _ document: JSONObject, _ scope: ResourceScope, in database: Database
    ) throws {
        var named: [Int64] = []
        for member in Self.ruleMembers {
            guard let rules = document[member] else { continue }
            _ = try RuleReferences.mapRules(rules) { kind, target in
                _ = try existing(kind, target, member, scope, in: database)
                if kind == .audience { try checkIsSegment(target, besides: id, member, in: database) }
                if target != id, !named.contains(target) { named.append(target) }
                return target
            }
        }
        try storeReferences(of: id, Self.ruleField, named, in: database)
        try setNamedKeys(of: id, document, scope, in: database)
    }

    private func checkIsSegment(_ target: Int64, besides id: Int64, _ field: String, in database: Database) throws {
        let type = try database.value(
            String.self, prepared: "SELECT \(SQL.member("type")) FROM resources WHERE id = ?",
            arguments: [target])
        guard type == "segmentation", target != id else {
            throw ExperimentsError.invalid(
                field, "\(field): the audience \(target) must be another one, and of the type segmentation.")
        }
    }

    /// Stores which keys of experiences the rules of a document name. Keys that the project does not have may be named as
    /// well, so that they are kept by themselves.
    private func setNamedKeys(
        of id: Int64, _ document: JSONObject, _ scope: ResourceScope, in database: Database
    ) throws {
        let named = Self.ruleMembers.reduce(into: Set<ClientText>()) { keys, member in
            keys.formUnion(RuleReferences.experienceKeys(in: document[member] ?? .null))
        }
        let stored = try database.values(
            String.self, prepared: "SELECT experience_key FROM named_experience_keys WHERE resource_id = ?",
            arguments: [id])
        guard Set(stored.map { ClientText($0) }) != named else { return }
        try database.execute(prepared: "DELETE FROM named_experience_keys WHERE resource_id = ?", arguments: [id])
        let insert = try database.prepare(
            "INSERT INTO named_experience_keys (resource_id, experience_key, project_id) VALUES (?, ?, ?)")
        for key in named { try insert.execute(arguments: [id, key.string, scope.project.id]) }
    }

    /// - Throws: ``ExperimentsError/conflict(_:)`` when rules of other resources name this one.
    func checkNamedByNoRule(_ id: Int64, _ kind: ResourceKind, in database: Database) throws {
        let rows = try database.rows(
            prepared: """
                SELECT r.kind, r.id, r.name FROM resource_references f JOIN resources r ON r.id = f.resource_id
                WHERE f.target_id = ? AND f.field = ? ORDER BY r.id LIMIT 10
                """,
            arguments: [id, Self.ruleField])
        try Self.checkIsEmpty(rows, "The \(kind.noun) \(id)")
    }

    /// - Throws: ``ExperimentsError/conflict(_:)`` when rules of other resources name the key.
    func checkNamedByNoRule(
        experienceKey key: String, of id: Int64, _ scope: ResourceScope, in database: Database
    ) throws {
        let rows = try database.rows(
            prepared: """
                SELECT r.kind, r.id, r.name FROM named_experience_keys k JOIN resources r ON r.id = k.resource_id
                WHERE k.project_id = ? AND k.experience_key = ? AND r.id <> ? ORDER BY r.id LIMIT 10
                """,
            arguments: [scope.project.id, key, id])
        try Self.checkIsEmpty(rows, "The key \(key) of the experience \(id)")
    }

    private static func checkIsEmpty(_ naming: [Row], _ named: String) throws {
        guard !naming.isEmpty else { return }
        let names = try naming.map { row in
            let (kind, name, id): (String, String, Int64) = try (
                row.read("kind"), row.read("name"), row.read("id")
            )
            return "\(ResourceKind(rawValue: kind)?.noun ?? kind) \(name) (\(id))"
        }
        throw ExperimentsError.conflict(
            "\(named) is named by rules of: \(names.joined(separator: ", ")). Take it out of them first.")
    }
}
