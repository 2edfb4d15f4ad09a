import Gateway
import HTTPTypes
import Identity
import JSON
import People

/// What a user prefers to see: kept in the profile, so that it goes with it.
struct PreferencesController: Sendable {
    let profiles: Profiles

    private static let names = [
        "guidedTours", "onboardingBot", "productUpdates", "surveys", "trackUsage", "trackEmailAnalytics",
    ]

    /// What is no preference is kept nowhere, and told.
    private static let limits = OperationLimits(recognizesBody: true)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("getUserPreferences", allow: .readOfGainsight) { key, request in
            try await show(request.path("identifyId"), key)
        }
        surface.on("getUserPreferencesByBody", allow: .readOfGainsight) { key, request in
            try await show(request.members["identifyId"]?.string ?? "", key)
        }
        surface.on("putUserPreferences", allow: .sendToGainsight, limits: Self.limits) { key, request in
            try await set(request.path("identifyId"), key, request)
        }
        surface.on("putUserPreferencesByBody", allow: .sendToGainsight, limits: Self.limits) { key, request in
            try await set(request.members["identifyId"]?.string ?? "", key, request)
        }
    }

    private func show(_ id: String, _ key: EnvironmentKey) async throws -> OperationResponse {
        let stored = try await profiles.knownUser(id, key).properties[ProfileFields.preferences]
        return .json(.object(JSONObject(Self.names.map { ($0, stored?[$0] ?? .null) })))
    }

    /// Null never overrides what was set.
    private func set(
        _ id: String, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        try await profiles.alone(with: .user, id, key) { try await merge(request, into: id, key) }
        return .noContent
    }

    private func merge(_ request: OperationRequest, into id: String, _ key: EnvironmentKey) async throws {
        let stored = try await profiles.knownUser(id, key).properties[ProfileFields.preferences]
        var preferences = stored?.object ?? JSONObject()
        let body = try request.members
        for name in Self.names {
            if let value = body[name], !value.isNull { preferences[name] = ProfileFields.Kind.boolean.stored(value) }
        }
        let change = JSONObject([
            ("identifyId", .string(id)), (ProfileFields.preferences, .object(preferences)),
        ])
        try await profiles.write(.user, change, over: nil, key, request)
    }
}
