/// What a Userpilot token stands for, once recognised.
public struct EnvironmentKey: Sendable, Equatable {
    public let keyID: Int64
    public let accountID: Int64
    public let projectID: Int64
    public let environmentID: Int64
    public let environmentName: String
    /// The environment's public token (`NX-...`).
    public let appToken: String
    /// Whether the key may use bulk exports and their lookups; without it they answer 401 (contradiction U3).
    public let allowsExports: Bool
}
