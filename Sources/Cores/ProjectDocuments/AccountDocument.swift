public import JSON

/// An account (contract schema `MainAccount`).
public struct AccountDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The addresses whose visitors are left out of the reports of all its projects (`settings.blocked_ips`).
    public var blockedIPs: BlockedIPs? { members["settings"]?["blocked_ips"].map { BlockedIPs($0) } }
}
