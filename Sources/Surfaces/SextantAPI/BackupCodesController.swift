import Gateway
import JSON
import Sessions

/// Codes to fall back on where the authenticator app is not at hand: `makeBackupCodes`.
struct BackupCodesController: Sendable {
    let logins: LoginService

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("makeBackupCodes", allow: .person, make)
    }

    private func make(_ caller: SignedInUser, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        let codes = try await logins.makeBackupCodes(
            caller, password: body["password"]?.string, code: body["code"]?.string, from: request.loginOrigin)
        return .json(["mfa_backup_codes": .array(codes.map { .string($0) })])
    }
}
