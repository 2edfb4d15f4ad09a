import Text

/// Who may use an operation, as `sextant routes --access` names them.
struct Callers: Sendable {
    let names: [String]

    /// Whom the operation is for, in a sentence; nil when nothing is known.
    var phrase: String? {
        if names.isEmpty { return nil }
        var phrases: [String] = []
        if has("environment-key:send") {
            phrases.append("every key of an environment")
        } else if has("environment-key") {
            phrases.append("keys of an environment that may read")
        }
        if has("gainsight-key:send") {
            phrases.append("every Gainsight PX key")
        } else if has("gainsight-key") {
            phrases.append("Gainsight PX keys that may read")
        }
        if let role = lowestRole("convert-key") { phrases.append("account keys with the role \(role) or a higher one") }
        if let role = lowestRole("user") {
            phrases.append("people who are logged in, with the role \(role) or a higher one")
        } else if has("user:nothing") {
            phrases.append("people who are logged in")
        }
        if has("sdk-key:without-secret") {
            phrases.append("whoever has an SDK key")
        } else if has("sdk-key") {
            phrases.append("SDK keys, with their secret where they have one")
        }
        if has("report-token") { phrases.append("whoever has a report token") }
        if has("stranger") { phrases.append("anybody, without a key") }
        return phrases.isEmpty ? nil : phrases.joined(separator: "; ")
    }

    /// How the examples prove who calls.
    var credential: Credential {
        if has("environment-key") { return .environmentKey }
        if has("gainsight-key") { return .gainsightKey }
        if names.contains(where: { $0.hasBytePrefix("convert-key:") }) { return .accountKey }
        if has("sdk-key") && !has("sdk-key:without-secret") { return .sdkSecret }
        if names.contains(where: { $0.hasBytePrefix("user:") }) { return .session }
        return .none
    }

    /// All ways to prove who calls that the operation takes.
    var credentials: [Credential] { has("report-token") ? [credential, .reportToken] : [credential] }

    private func has(_ name: String) -> Bool { names.contains { $0.hasSameBytes(as: name) } }

    /// The first of the roles, which come from the lowest to the highest.
    private func lowestRole(_ kind: String) -> String? {
        let prefix = kind + ":"
        let role = names.first { $0.hasBytePrefix(prefix) && !$0.hasSameBytes(as: "user:nothing") }
        // A user without any role is let in: then roles do not matter.
        if role == nil || kind.hasSameBytes(as: "user") && has("user:nothing") { return nil }
        return role.map { String($0.dropFirst(prefix.count)).split(byte: ":").joined(separator: " of one ") }
    }
}

/// A way to prove who calls.
enum Credential: String, Sendable, CaseIterable {
    case environmentKey
    case gainsightKey
    case accountKey
    case sdkSecret
    case session
    case reportToken
    case none

    /// The header field that shows it; ``Placeholder/key`` stands for the key.
    var header: (name: String, value: String)? {
        switch self {
        case .environmentKey: ("Authorization", "Token \(Placeholder.key)")
        case .gainsightKey: ("X-APTRINSIC-API-KEY", Placeholder.key)
        case .accountKey, .sdkSecret: ("Authorization", "Bearer \(Placeholder.key)")
        case .session: ("Cookie", "sid=\(Placeholder.key)")
        case .reportToken: ("report_token", Placeholder.key)
        case .none: nil
        }
    }

    /// What stands for the key until one is filled in.
    var placeholder: String {
        switch self {
        case .accountKey: "KEY_ID:KEY_SECRET"
        case .sdkSecret: "SDK_SECRET"
        case .session: "SESSION"
        case .reportToken: "TOKEN"
        case .environmentKey, .gainsightKey, .none: "KEY"
        }
    }

    /// What it is called.
    var title: String {
        switch self {
        case .environmentKey: "Key of an environment"
        case .gainsightKey: "Gainsight PX key"
        case .accountKey: "Account key"
        case .sdkSecret: "SDK key"
        case .session: "Session"
        case .reportToken: "Report token"
        case .none: "None"
        }
    }

    /// How it is had and shown, in two lines.
    var explanation: String {
        switch self {
        case .environmentKey:
            "For events, people, exports and SQL. `sextant init` prints the first, `sextant key create` makes more; a key opens one environment."
        case .gainsightKey:
            "For clients of Gainsight PX. It opens an environment, too, and is also taken as a bearer token and as the user name of HTTP Basic."
        case .accountKey:
            "For projects, experiences and reports: the application id and the secret of a Convert key. `sextant init` prints the first, `sextant key create` makes more. Requests can be signed instead, so that the secret is never sent: `Convert-Application-ID`, `Expires` and `Authorization: Convert-HMAC-SHA256 Signature=HEX`."
        case .sdkSecret:
            "For experiment SDKs. The key stands in the address and is public; its secret, where the key has one, goes into the header."
        case .session:
            "For people: POST /api/v2/auth answers with the cookie `sid`, which ends with the session."
        case .reportToken:
            "For people without a key: it opens the report of one experience for a while, and nothing else."
        case .none: "Needs none."
        }
    }
}

/// What examples hold in place of what differs from one reader to the next. The characters are of Unicode's private use, and
/// stand in no document.
enum Placeholder {
    static let origin = "\u{E000}"
    static let key = "\u{E001}"
    /// An SDK key, which stands in addresses.
    static let sdkKey = "\u{E002}"
}
