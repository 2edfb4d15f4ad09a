public import Identity
public import Sessions

/// Who calls, as far as the request has proved it: an ``Authenticator`` makes it, a ``Policy`` decides by it.
///
/// To let in another kind of caller, add a case; the compiler then points to every place that decides by kind.
public enum Principal: Sendable {
    /// A key of an environment.
    case environmentKey(EnvironmentKey)
    /// A Gainsight PX key, which opens an environment too.
    case gainsightKey(EnvironmentKey)
    /// A Convert key, proved by a signature or by its secret.
    case convertKey(ConvertKey)
    /// An SDK key. The key itself is public: every visitor of a site has it.
    case sdkKey(SDKAccess, showsSecret: Bool)
    /// Somebody who has logged in.
    case user(SignedInUser)
    /// Somebody with a valid report token of the experience that the address names.
    case reportToken
    /// Somebody who has shown nothing.
    case stranger

    /// A kind of caller, without who exactly it is.
    public enum Kind: String, Sendable, CaseIterable {
        case environmentKey = "environment-key"
        case gainsightKey = "gainsight-key"
        case convertKey = "convert-key"
        case sdkKey = "sdk-key"
        case user
        case reportToken = "report-token"
        case stranger
    }

    public var kind: Kind {
        switch self {
        case .environmentKey: .environmentKey
        case .gainsightKey: .gainsightKey
        case .convertKey: .convertKey
        case .sdkKey: .sdkKey
        case .user: .user
        case .reportToken: .reportToken
        case .stranger: .stranger
        }
    }

    /// Who it is, for the log: a key by the label that its owner gave it, a user by number. Never what opens anything.
    var logName: String {
        switch self {
        case .environmentKey(let key), .gainsightKey(let key): "\(Self.printable(key.label)) (\(key.keyID))"
        case .convertKey(let key): "\(Self.printable(key.label)) (\(key.keyID))"
        case .sdkKey(let access, _): "SDK key of project \(access.projectID)"
        case .user(let user): "user \(user.user.id)"
        case .reportToken: "report token"
        case .stranger: "none"
        }
    }

    /// A label as a part of one line: its owner may have put line feeds into it, and the end of a line of ours.
    private static func printable(_ label: String) -> String {
        String(
            String.UnicodeScalarView(
                label.unicodeScalars.prefix(80).map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "?"
                    default: scalar
                    }
                }))
    }

    /// The name of the key, or the user, by which memory is shared out; nil for callers who have shown nothing that only they know.
    var shareKey: String? {
        switch self {
        case .environmentKey(let key), .gainsightKey(let key): String(key.keyID)
        case .convertKey(let key): key.identifier
        case .user(let user): "user \(user.user.id)"
        case .sdkKey, .reportToken, .stranger: nil
        }
    }
}
