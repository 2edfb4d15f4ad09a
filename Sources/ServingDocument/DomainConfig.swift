import JSON

/// The sites of a project, grouped by the domain that their cookies belong to.
enum DomainConfig {
    /// What stands before a country's code as a domain that nobody owns: `co.uk`, `com.au`. The full list of such
    /// domains changes weekly. Browsers refuse a cookie for one that is missing here, and scripts then fall back on the
    /// host.
    private static let sharedLabels: Set<String> = [
        "ac", "asn", "co", "com", "edu", "go", "gob", "gov", "govt", "ltd", "me", "mil", "ne", "net", "nhs", "nom",
        "or", "org", "plc", "sch", "web",
    ]

    /// - Parameter urls: the sites' addresses.
    static func make(_ urls: [String]) -> JSONValue {
        var hosts: [String: Set<String>] = [:]
        for host in urls.compactMap(host) { hosts[domain(of: host), default: []].insert(host) }
        return .array(
            hosts.sorted { $0.key < $1.key }.map { domain, hosts in
                ["tld": .string(domain), "hosts": .array(hosts.sorted().map { .string($0) })]
            })
    }

    /// The host in an address, without port; it may begin with `*.`.
    private static func host(_ url: String) -> String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.prefix { $0 != ":" }.lowercased()
        return host.isEmpty ? nil : host
    }

    private static func domain(of host: String) -> String {
        let labels = (host.hasPrefix("*.") ? host.dropFirst(2) : host[...]).split(separator: ".").map(String.init)
        guard labels.count > 2, let last = labels.last, !last.allSatisfy(\.isNumber) else {
            return labels.joined(separator: ".")
        }
        let isShared = last.count == 2 && sharedLabels.contains(labels[labels.count - 2])
        return labels.suffix(isShared ? 3 : 2).joined(separator: ".")
    }
}
