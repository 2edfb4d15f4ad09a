package import ControlStore
public import Identity
package import JSON
import Time

/// Keys are no resources of a project, and their store knows no history: it gets a note to write along with each change.
extension ChangeHistory {
    /// For Convert keys of an account.
    public func keyChange(accountID: Int64, by author: ChangeAuthor) -> KeyChangeNote<ConvertKey> {
        let log = ChangeLog(accountID: accountID, projectID: nil, author: author, now: clock.now)
        return KeyChangeNote { old, new, database in
            guard let id = (new ?? old)?.keyID else { return }
            try log.record(
                event(old, new), "api_key", id: id, old: old.map(members), new: new.map(members), in: database)
        }
    }

    /// For SDK keys of a project.
    public func sdkKeyChange(_ scope: ResourceScope) -> KeyChangeNote<SDKKey> {
        let log = ChangeLog(
            accountID: scope.project.accountID, projectID: scope.project.id, author: scope.author, now: clock.now)
        return KeyChangeNote { old, new, database in
            guard let id = (new ?? old)?.id else { return }
            try log.record(
                event(old, new), "sdk_key", id: id, old: old.map(members), new: new.map(members), in: database)
        }
    }
}

extension ChangeHistory {
    /// Writes a change of something that another room keeps, inside that room's transaction.
    /// - Parameters:
    ///   - object: what kind of thing, such as `collaborator`.
    ///   - old: what is told of it; nil when it was not there.
    ///   - new: nil when it is there no more.
    package func record(
        _ event: String, _ object: String, id: Int64, accountID: Int64, by author: ChangeAuthor, old: JSONObject?,
        new: JSONObject?, in database: Database
    ) throws {
        try ChangeLog(accountID: accountID, projectID: nil, author: author, now: clock.now)
            .record(event, object, id: id, old: old, new: new, in: database)
    }
}

private func event<Key>(_ old: Key?, _ new: Key?) -> String {
    old == nil ? "create" : new == nil ? "delete" : "update"
}

/// What is told of a key: never its secret.
private func members(_ key: ConvertKey) -> JSONObject {
    JSONObject([
        ("name", .string(key.label)), ("key_id", .string(key.identifier)), ("role", .string(key.role.rawValue)),
    ])
}

private func members(_ key: SDKKey) -> JSONObject {
    JSONObject([
        ("sdk_key", .string(key.identifier)), ("name", .string(key.label)), ("environment", .string(key.environment)),
        ("status", .string(key.isEnabled ? "enabled" : "disabled")), ("selected_default", .bool(key.isDefault)),
    ])
}
