import Contract
import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import People

/// Users: create, read, change and remove them, and refuse their events.
struct UserController: Sendable {
    let profiles: Profiles
    let denyList: DenyList
    let removal: PeopleRemoval

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("createUser", allow: .sendToGainsight, limits: .events, create)
        surface.on("getUser", allow: .readOfGainsight) { key, request in
            .json(try await profiles.knownUser(request.path("userId"), key).shown)
        }
        surface.on("updateUser", allow: .sendToGainsight, limits: .events) { key, request in
            let id = try request.path("userId")
            let body = try request.members(identifiedBy: "identifyId", id)
            try await update(id, body, key, request)
            return try await profiles.answer(body, key) { try await profiles.knownUser(id, key).shown }
        }
        surface.on("putUser", allow: .sendToGainsight, limits: .events) { key, request in
            let id = try request.path("userId")
            try await update(id, request.members(identifiedBy: "identifyId", id), key, request)
            return .noContent
        }
        surface.on("putUserByBody", allow: .sendToGainsight, limits: .events) { key, request in
            let body = try request.members
            try await update(body["identifyId"]?.string ?? "", body, key, request)
            return .noContent
        }
        surface.on("deleteUser", allow: .manageOfGainsight) { key, request in
            try await delete(request.path("userId"), key, request)
        }
        surface.on("deleteUserByBody", allow: .manageOfGainsight, limits: .events) { key, request in
            try await delete(request.members["identifyId"]?.string ?? "", key, request)
        }
        surface.on("getUserDenylist", allow: .readOfGainsight, denylist)
        surface.on("putUserDenylist", allow: .manageOfGainsight, setDenylist)
    }

    /// 201 where a client of the vendor's makes a new user: these send `propertyKeys`, and insist on it.
    private func create(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.members
        let id = body["identifyId"]?.string ?? ""
        let isNew = try await profiles.alone(with: .user, id, key) {
            let old = try await profiles.user(id, key)
            try await profiles.write(.user, body, over: old?.properties ?? [:], key, request)
            return old == nil
        }
        let isCreated = isNew && body["propertyKeys"]?.isNull == false
        return try await profiles.answer(body, key, status: isCreated ? .created : .ok) {
            try await profiles.knownUser(id, key).shown
        }
    }

    private func update(
        _ id: String, _ body: JSONObject, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws {
        try await profiles.alone(with: .user, id, key) {
            let old = try await profiles.knownUser(id, key)
            try await profiles.write(.user, body, over: old.properties, key, request)
        }
    }

    /// Unless it is a hard one, the same id brings the user back within a week.
    private func delete(
        _ id: String, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        let isHard = request.query.bool("hardDelete") ?? false
        guard try await removal.remove(user: id, hard: isHard, environmentID: key.environmentID) else {
            throw Profiles.missingUser(id)
        }
        return .noContent
    }

    private func denylist(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.path("identifyId")
        let isDenied = denyList.isDenied(id, environmentID: key.environmentID)
        if !isDenied { _ = try await profiles.knownUser(id, key) }
        return .json(Self.flag(isDenied, id))
    }

    /// Whoever is denied loses their profile, and the events that they have.
    private func setDenylist(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.path("identifyId")
        guard (1...255).contains(id.unicodeScalars.count) else {
            throw APIError.invalid("identifyId", "identifyId must have between 1 and 255 characters.")
        }
        guard let isDenied = try request.json["denied"]?.bool else {
            throw APIError.invalid("denied", "denied must be true or false.")
        }
        if isDenied {
            try await removal.deny(user: id, environmentID: key.environmentID)
        } else {
            try await denyList.allow(id, environmentID: key.environmentID)
        }
        return .json(Self.flag(isDenied, id))
    }

    private static func flag(_ isDenied: Bool, _ id: String) -> JSONValue {
        ["denied": .bool(isDenied), "identifyId": .string(id)]
    }
}
