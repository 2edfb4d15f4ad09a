import Gateway
import HTTPTypes
import Identity

extension Policy where Proof == EnvironmentKey {
    /// Exports and their lookups: 401 where the right to read is missing, as the vendor answers.
    static var export: Policy {
        ofKeys("read") { key in
            let detail =
                "Your current plan for application \(key.appToken) does not support the feature you are trying to access: the key lacks the right to read (it was made with can_export false)."
            return APIError(
                .unauthorized, "You are not authorized to perform the requested action.",
                fields: [APIError.Field(name: "", message: detail)])
        }
    }
}

extension Policy where Proof == EnvironmentKey? {
    /// Sending, also without a key: the body then names account and project. Handlers get the key, if there is one.
    static var sendWithOrWithoutKey: Policy {
        Policy("send or anyone(project of the body)", for: [.environmentKey, .stranger]) { caller, _, _ in
            if case .stranger = caller { return nil }
            return try caller.environmentKey()
        }
    }
}
