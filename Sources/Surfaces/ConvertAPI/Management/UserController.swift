import Gateway
import HTTPTypes
import Identity
import JSON
import Sessions
import Text
import Time

/// What people do with their own logins: `getUserData`, `updateUserProfileData`, `confirmEmail`, `updateUserPreferences`,
/// `generateMfaSecret`, `listUserSessions`, `revokeUserSession`, `revokeAllUserSessions`, `getAccessRoles`.
struct UserController: Sendable {
    let logins: LoginService
    let sessions: SessionStore

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getUserData", allow: .person) { caller, _ in .json(try await logins.profile(of: caller).json) }
        surface.on("updateUserProfileData", allow: .person, update)
        surface.on("confirmEmail", allow: .person) { caller, request in
            try await logins.confirmEmail(
                caller, code: request.bodyMembers["code"]?.string ?? "", from: request.loginOrigin)
            return .json(try await logins.profile(of: caller).json)
        }
        surface.on("updateUserPreferences", allow: .person) { caller, request in
            try await logins.setPreferences(of: caller, .object(request.bodyMembers))
            return .json(try await logins.profile(of: caller).json)
        }
        surface.on("generateMfaSecret", allow: .person) { caller, _ in
            .json(["mfa_secret": .string(try await logins.makeMFASecret(caller))])
        }
        surface.on("listUserSessions", allow: .person) { caller, _ in
            .json(["data": .array(try await sessions.list(ofUser: caller.user.id).map(Self.show))])
        }
        surface.on("revokeUserSession", allow: .person) { caller, request in
            let name = try request.bodyMembers["sid"]?.string ?? ""
            guard try await sessions.end(.named(name), ofUser: caller.user.id) > 0 else {
                throw APIError.notFound("There is no such session, or it has ended.")
            }
            return .success("The session has ended.")
        }
        surface.on("revokeAllUserSessions", allow: .person) { caller, request in
            try await sessions.end(.all, ofUser: caller.user.id)
            var response = OperationResponse.success("All sessions have ended, this one too.")
            response.headers[.setCookie] = SessionCookie.ended(answering: request.headers)
            return response
        }
        surface.on("getAccessRoles", allow: .ownAccounts) { _, _ in .json(["data": .array(Role.allCases.map(\.json))]) }
    }

    private func update(_ caller: SignedInUser, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        var changes = LoginService.Changes()
        changes.firstName = body["firstName"]?.string
        changes.lastName = body["lastName"]?.string
        changes.email = body["email"]?.string
        changes.newPassword = body["newPassword"]?.string
        changes.currentPassword = body["currentPassword"]?.string ?? body["mfa"]?["password"]?.string
        if let password = changes.newPassword {
            guard password.hasSameBytes(as: body["confirmPassword"]?.string ?? "") else {
                throw APIError.invalid("confirmPassword", "confirmPassword must equal newPassword.")
            }
        }
        switch body["mfa"]?["type"]?.string {
        case "enable": changes.enablingCode = body["mfa"]?["mfaCode"]?.string ?? ""
        case "disable": changes.disablesMFA = true
        default: break
        }
        let codes = try await logins.change(caller, changes, from: request.loginOrigin)
        var shown = try await logins.profile(of: caller).json
        if !codes.isEmpty { shown["mfa_backup_codes"] = .array(codes.map { .string($0) }) }
        return .json(shown)
    }

    /// Contract schema `UserSessionEntry`.
    private static func show(_ session: Session) -> JSONValue {
        [
            "sid": .string(session.name), "authorized_type": "session_cookie", "client": .string(session.client),
            "last_used_at": .integer(session.lastUsedAt.seconds), "expires_at": .integer(session.expiresAt.seconds),
            "created_at": .integer(session.createdAt.seconds),
        ]
    }
}

extension Role {
    /// Contract schema `AccessRole`.
    fileprivate var json: JSONValue {
        var permissions = JSONObject()
        for permission in Permission.all {
            var acts = permissions[permission.object]?.object ?? JSONObject()
            acts[permission.act] = .bool(may(permission))
            permissions[permission.object] = .object(acts)
        }
        return ["name": .string(rawValue), "permissions": .object(permissions)]
    }
}

extension UserProfile {
    /// Contract schema `UserData`.
    var json: JSONValue {
        var preferences = preferences
        preferences["mfaEnabled"] = .bool(user.hasMFA)
        return [
            "profileData": [
                "email": .string(user.email), "firstName": .string(user.firstName), "lastName": .string(user.lastName),
                "user_id": .string("\(user.id)"), "canSudo": false, "onlyCollaborator": .bool(ownsNothing),
            ],
            "preferences": .object(preferences), "isSudo": false,
        ]
    }
}
