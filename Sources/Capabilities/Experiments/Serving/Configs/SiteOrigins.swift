import Text

/// Where the sites of a project live, to be compared with the `Origin` that browsers send: hosts, which may begin with
/// `*.`, and ports. The scheme does not matter, since sites move between them; nor do paths, which origins lack.
public struct SiteOrigins: Sendable {
    private struct Site: Sendable {
        let host: String
        /// Empty for the scheme's own.
        let port: String

        /// Nil for text that is no address.
        init?(_ address: String) {
            guard let colon = address.utf8.firstIndex(of: UInt8(ascii: ":")),
                address.utf8[colon...].starts(with: "://".utf8)
            else { return nil }
            let scheme = String(Substring(address.utf8[..<colon])).lowercased()
            let authority = address.utf8[colon...].dropFirst(3).prefix { !"/?#".utf8.contains($0) }
            // An address of version 6 has colons of its own, in brackets.
            let bracket = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
            let end = authority[bracket...].firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            // Browsers name hosts in ASCII.
            guard var host = HostName.ascii(String(Substring(authority[..<end]))) else { return nil }
            // A name that ends with the root's dot is the same name.
            if host.hasByteSuffix(".") { host.unicodeScalars.removeLast() }
            guard !host.isEmpty else { return nil }
            let port = String(Substring(authority[end...].dropFirst()))
            self.host = host
            self.port = (scheme == "https" && port == "443") || (scheme == "http" && port == "80") ? "" : port
        }

        func covers(_ page: Site) -> Bool {
            guard port.hasSameBytes(as: page.port) else { return false }
            guard host.hasBytePrefix("*.") else { return host.hasSameBytes(as: page.host) }
            let domain = String(Substring(host.utf8.dropFirst(2)))
            return page.host.hasSameBytes(as: domain) || page.host.hasByteSuffix(".\(domain)")
        }
    }

    private let sites: [Site]

    /// - Parameter addresses: of the sites, as the project has them.
    init(_ addresses: [String]) {
        sites = addresses.compactMap { Site($0) }
    }

    /// Whether the project names no site: then its pages may be anywhere.
    public var isEmpty: Bool { sites.isEmpty }

    /// Whether pages of an origin are the project's.
    public func contains(_ origin: String) -> Bool {
        guard let page = Site(origin) else { return false }
        return sites.contains { $0.covers(page) }
    }
}
