/// What a Userpilot token or a Gainsight PX key stands for, once recognised.
public struct EnvironmentKey: Sendable, Equatable {
    public let keyID: Int64
    public let accountID: Int64
    public let projectID: Int64
    public let environmentID: Int64
    public let environmentName: String
    /// The environment's public token (`NX-...`).
    public let appToken: String
    /// What its owner calls it.
    public let label: String
    /// Whether the key may do more than send: read out what is stored, and manage.
    public let allowsExports: Bool
}

extension EnvironmentKey {
    /// A key that opens nothing, to ask policies about.
    public static func example(allowsExports: Bool) -> EnvironmentKey {
        EnvironmentKey(
            keyID: 0, accountID: 0, projectID: 0, environmentID: 0, environmentName: "", appToken: "", label: "",
            allowsExports: allowsExports)
    }
}
