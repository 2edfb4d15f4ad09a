public import Gateway
import HTTPTypes
public import Identity
import JSON
public import Sessions
import Text

/// Logging in and out: `doAuth`, `requestForgotPassword`, `confirmPasswordReset`, `doLogout`, `getAuthStatus`.
struct LoginController: Sendable {
    let logins: LoginService
    let sessions: SessionStore
    /// Whether cookies are for connections with TLS only.
    let isSecure: Bool

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("doAuth", allow: .anybodyFromOwnPages, limits: Self.limits, logIn)
        surface.on("requestForgotPassword", allow: .anybodyFromOwnPages, limits: Self.limits) { _, request in
            let name = try request.bodyMembers["username"]?.string ?? ""
            try await logins.requestReset(name, from: request.loginOrigin)
            return .success("If this is the address of a login, a code was mailed to it. It is good for ten minutes.")
        }
        surface.on("confirmPasswordReset", allow: .anybodyFromOwnPages, limits: Self.limits) { _, request in
            let body = try request.bodyMembers
            let password = body["newPassword"]?.string ?? ""
            guard password.hasSameBytes(as: body["confirmNewPassword"]?.string ?? "") else {
                throw APIError.invalid("confirmNewPassword", "confirmNewPassword must equal newPassword.")
            }
            return try await answer(
                logins.confirmReset(code: body["code"]?.string ?? "", password: password, from: request.loginOrigin),
                to: request)
        }
        surface.on("doLogout", allow: .person, logOut)
        surface.on("getAuthStatus", allow: .person) { _, _ in .success("The session is valid.") }
    }

    /// Nothing that is sent here is long.
    private static let limits = OperationLimits(bodyBytes: 64 * 1_024)

    private func logIn(_: Void, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        let data = body["data"]?.object ?? JSONObject()
        func text(_ member: String) throws(APIError) -> String {
            guard let text = data[member]?.string else {
                throw APIError.invalid("data.\(member)", "data.\(member) is required.")
            }
            return text
        }
        let origin = request.loginOrigin
        switch body["requestType"]?.string {
        case "provideMfaCodeAuth":
            return try await answer(
                logins.provideCode(text("mfaCode"), step: text("sessionToken"), from: origin), to: request)
        case "confirmNewPasswordAuth":
            let password = try text("newPassword")
            guard try password.hasSameBytes(as: text("confirmNewPassword")) else {
                throw APIError.invalid(
                    "data.confirmNewPassword", "data.confirmNewPassword must equal data.newPassword.")
            }
            return try await answer(
                logins.choosePassword(password, step: text("sessionToken"), from: origin), to: request)
        default:
            guard let name = body["username"]?.string else {
                throw APIError.invalid("username", "username is required.")
            }
            return try await answer(logins.begin(name, password: text("password"), from: origin), to: request)
        }
    }

    /// Contract schema `AuthResponse`.
    private func answer(
        _ outcome: LoginService.Outcome, to request: OperationRequest
    ) async throws -> OperationResponse {
        func further(_ code: String, _ message: String, _ step: String, of user: User) -> OperationResponse {
            .json([
                "auth-code": .string(code), "message": .string(message),
                "data": ["sessionToken": .string(step), "username": .string(user.email)],
            ])
        }
        switch outcome {
        case .codeRequired(let step, let user):
            return further(
                "MFA_TOKEN_REQUIRED", "Send the code of your authenticator app, with this sessionToken.", step, of: user
            )
        case .newPasswordRequired(let step, let user):
            return further("NEW_PASSWORD_REQUIRED", "Choose another password, with this sessionToken.", step, of: user)
        case .signedIn(let token, let user):
            // The browser forgets what it had: nobody else is to have it either.
            if let old = SessionCookie.token(request.headers) { try await sessions.end(token: old) }
            var response = OperationResponse.json([
                "auth-code": "SUCCESS", "message": "You are logged in.",
                "data": try await logins.profile(of: user).json,
            ])
            response.headers[.setCookie] = SessionCookie.setting(
                token, isSecure: isSecure || request.isSecure, answering: request.headers)
            // What opens the session stays between the server and the browser.
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    private func logOut(_ caller: SignedInUser, _ request: OperationRequest) async throws -> OperationResponse {
        let ending: SessionStore.Ending =
            switch try request.bodyMembers["requestType"]?.string {
            case "otherSessions": .allBut(caller.session.id)
            case "allSessions": .all
            default: .one(caller.session.id)
            }
        try await sessions.end(ending, ofUser: caller.user.id)
        guard case .allBut = ending else {
            var response = OperationResponse.success("You are logged out.")
            response.headers[.setCookie] = SessionCookie.ended(answering: request.headers)
            return response
        }
        return .success("The other sessions have ended.")
    }
}

extension PasswordHashError: APIErrorConvertible {
    public var apiError: APIError { .unavailable("Too many log in at this moment. Try again.", retryAfterSeconds: 2) }
}

extension LoginError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .wrong: return APIError(.unauthorized, "The user name, the password or the code is wrong.")
        case .throttled(let seconds):
            return APIError(
                .tooManyRequests, "Too many attempts have failed. Try again in \(seconds) seconds.",
                headers: [.retryAfter: "\(seconds)"])
        case .expired:
            return APIError(.unauthorized, "The code or sessionToken is not valid, or no longer. Begin again.")
        case .invalid(let field, let message): return APIError.invalid(field, message)
        case .conflict(let message): return .conflict(message)
        }
    }
}
