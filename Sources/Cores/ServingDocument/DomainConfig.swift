import JSON
import Text

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
        var hosts: [ClientText: Set<ClientText>] = [:]
        for host in urls.compactMap(host) { hosts[ClientText(domain(of: host)), default: []].insert(ClientText(host)) }
        return .array(
            hosts.sorted { $0.key < $1.key }.map { domain, hosts in
                ["tld": .string(domain.string), "hosts": .array(hosts.sorted().map { .string($0.string) })]
            })
    }

    /// The host in an address as browsers name it, without port; it may begin with `*.`.
    private static func host(_ url: String) -> String? {
        let scalars = url.unicodeScalars
        guard let scheme = scalars.firstRange(of: "://".unicodeScalars) else { return nil }
        let authority = scalars[scheme.upperBound...].prefix { !"/?#".unicodeScalars.contains($0) }
        let host = HostName.ascii(String(authority.prefix { $0 != ":" })) ?? ""
        return host.isEmpty ? nil : host
    }

    private static func domain(of host: String) -> String {
        let labels = String(Substring(host.utf8.dropFirst(host.hasBytePrefix("*.") ? 2 : 0))).split(byte: ".")
        guard labels.count > 2, let last = labels.last, !last.allSatisfy(\.isNumber) else {
            return labels.joined(separator: ".")
        }
        let isShared = last.count == 2 && sharedLabels.contains(labels[labels.count - 2])
        return labels.suffix(isShared ? 3 : 2).joined(separator: ".")
    }
}
