public import JSON

/// Addresses whose visitors are left out of reports (contract member `blocked_ips`).
public struct BlockedIPs: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Addresses, and networks in the form `192.0.2.0/24`; nil for what is neither.
    public var single: [String?] { (members["single"]?.array ?? []).map { $0["value"]?.string } }

    /// From one address to another, both included.
    public var range: [Range] { list("range") }

    public struct Range: DocumentView {
        public var members: JSONObject

        public init(_ members: JSONObject) { self.members = members }

        /// The first address.
        public var start: String? { members["start"]?.string }
        /// The last address.
        public var end: String? { members["end"]?.string }
    }
}
