import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import People

/// Accounts: create, read and change them.
struct AccountController: Sendable {
    let profiles: Profiles
    let removal: PeopleRemoval

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("createAccount", allow: .sendToGainsight, limits: .events, create)
        surface.on("getAccount", allow: .readOfGainsight) { key, request in
            .json(try await profiles.knownAccount(request.path("accountId"), key).shown)
        }
        surface.on("updateAccount", allow: .sendToGainsight, limits: .events) { key, request in
            let id = try request.path("accountId")
            let body = try request.members(identifiedBy: "id", id)
            try await update(id, body, key, request)
            return try await profiles.answer(body, key) { try await profiles.knownAccount(id, key).shown }
        }
        surface.on("putAccount", allow: .sendToGainsight, limits: .events) { key, request in
            let id = try request.path("accountId")
            try await update(id, request.members(identifiedBy: "id", id), key, request)
            return .noContent
        }
        surface.on("putAccountByBody", allow: .sendToGainsight, limits: .events) { key, request in
            let body = try request.members
            try await update(body["id"]?.string ?? "", body, key, request)
            return .noContent
        }
        // With everybody who is in it.
        surface.on("deleteAccount", allow: .manageOfGainsight) { key, request in
            let id = try request.path("accountId")
            guard try await removal.remove(company: id, environmentID: key.environmentID) else {
                throw Profiles.missingAccount(id)
            }
            return .noContent
        }
    }

    /// 201 where a client of the vendor's makes a new account: these send `propertyKeys`, insist on it, and may leave out the
    /// name.
    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        var body = try request.members
        let id = body["id"]?.string ?? ""
        let isOfVendor = body["propertyKeys"]?.isNull == false
        if body["name"]?.isNull ?? true {
            body["name"] = nil
            guard isOfVendor else { throw APIError.invalid("name", "name is required.") }
        }
        let said = body
        let isNew = try await profiles.alone(with: .account, id, key) {
            let old = try await profiles.account(id, key)
            var body = said
            if old == nil, body["name"] == nil { body["name"] = .string(id) }
            try await profiles.write(.account, body, over: old?.properties ?? [:], key, request)
            return old == nil
        }
        let isCreated = isNew && isOfVendor
        return try await profiles.answer(said, key, status: isCreated ? .created : .ok) {
            try await profiles.knownAccount(id, key).shown
        }
    }

    private func update(
        _ id: String, _ body: JSONObject, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws {
        try await profiles.alone(with: .account, id, key) {
            let old = try await profiles.knownAccount(id, key)
            try await profiles.write(.account, body, over: old.properties, key, request)
        }
    }
}
