import Gateway
import HTTPTypes
import Identity
import JSON
import Resources
import Text

/// The keys of programs: `getApiKeysList`, `createApiKey`, `deleteApiKey`.
struct ConvertKeyController: Sendable {
    let keys: ConvertKeyStore
    let history: ChangeHistory

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getApiKeysList", allow: .may(.manageKeys, in: .account)) { caller, _ in
            let shown = keys.list(accountID: caller.accountID).map { show($0, secret: keys.maskedSecret(of: $0)) }
            return .json(["data": .array(shown)])
        }
        surface.on("createApiKey", allow: .may(.manageKeys, in: .account), create)
        surface.on("deleteApiKey", allow: .may(.manageKeys, in: .account), delete)
    }

    private func create(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let name = body["name"]?.string ?? ""
        guard name.contains(where: { !$0.isWhitespace }) else { throw APIError.invalid("name", "name is required.") }
        let own = caller.accesses.everywhere ?? .browse
        let role = body["role"]?.string.flatMap(Role.init) ?? min(own, .accountManager)
        guard role <= own else {
            throw APIError.invalid("role", "role may not exceed that of who creates the key: \(own.rawValue).")
        }
        let projectIDs = try Self.projectIDs(body)
        let new = NewConvertKey(
            label: name, role: role,
            authentication: body["auth_type"]?.string.flatMap(ConvertKeyAuthentication.init) ?? .requestSigning,
            projectIDs: projectIDs)
        let created: (key: ConvertKey, secret: String)
        do {
            created = try await keys.create(
                new, accountID: caller.accountID,
                noting: history.keyChange(accountID: caller.accountID, by: caller.author))
        } catch IdentityError.notFound(let subject, let name) {
            throw APIError.invalid("projects", "projects: there is no \(subject.rawValue) \(name) in this account.")
        }
        return .json(show(created.key, secret: created.secret), status: .created)
    }

    /// None at all means every project, so nothing in the list is passed over.
    private static func projectIDs(_ body: JSONObject) throws(APIError) -> [Int64] {
        var ids: [Int64] = []
        for (index, element) in (body["projects"]?.array ?? []).enumerated() {
            guard let id = element.int64 else {
                throw APIError.invalid("projects[\(index)]", "projects[\(index)] must be the id of a project.")
            }
            ids.append(id)
        }
        return ids
    }

    private func delete(_ caller: ConvertCaller, _ request: OperationRequest) async throws -> OperationResponse {
        let identifier = try request.path("key_id")
        let missing = APIError.notFound("There is no API key \(identifier.prefix(64)) in this account.")
        guard
            let key = keys.list(accountID: caller.accountID).first(where: { $0.identifier.hasSameBytes(as: identifier) }
            )
        else {
            throw missing
        }
        guard let own = caller.accesses.everywhere, key.role <= own else {
            throw APIError(
                .forbidden, "Whoever has a lesser role may not delete a key whose role is \(key.role.rawValue).")
        }
        let note = history.keyChange(accountID: caller.accountID, by: caller.author)
        guard try await keys.delete(identifier, accountID: caller.accountID, noting: note) else { throw missing }
        return .success("The API key \(identifier) is deleted.")
    }

    private func show(_ key: ConvertKey, secret: String) -> JSONValue {
        [
            "name": .string(key.label),
            "auth_type": .string((key.authentication ?? .requestSigning).rawValue),
            "projects": key.projectIDs.map { .array($0.sorted().map { .integer($0) }) } ?? .null,
            "key_id": .string(key.identifier), "key_secret": .string(secret), "role": .string(key.role.rawValue),
        ]
    }
}
