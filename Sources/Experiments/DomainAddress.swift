import Foundation

/// Where a site lives: scheme, host (which may begin with `*.`), port, and the path that its pages begin with.
struct DomainAddress: CustomStringConvertible {
    let scheme: String
    let host: String
    let port: Int?
    let path: String

    private static let wildcard = "*."
    private static let standardPorts = ["http": 80, "https": 443]

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let colon = text.range(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard let standardPort = Self.standardPorts[scheme] else { return nil }
        let rest = text[colon.upperBound...].prefix { $0 != "?" && $0 != "#" }
        let authority = rest.prefix { $0 != "/" }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, var host = parts.first?.lowercased() else { return nil }
        // A name that ends with the root's dot is the same name.
        if host.hasSuffix(".") { host.removeLast() }
        var port: Int?
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65_535).contains(number) else { return nil }
            port = number == standardPort ? nil : number
        }
        let name = host.hasPrefix(Self.wildcard) ? host.dropFirst(Self.wildcard.count) : host[...]
        let isName = !name.isEmpty && !name.hasPrefix(".") && !name.hasSuffix(".") && !name.contains("..")
        guard isName, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }) else {
            return nil
        }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    var description: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)" }

    var isWildcard: Bool { host.hasPrefix(Self.wildcard) }

    /// Orders the sites that cover a page: the greatest says most exactly where it is.
    func precision(for page: DomainAddress) -> (Int, Int, Int, Int) {
        (isWildcard ? 0 : 1, host.count, path.count, scheme == page.scheme ? 1 : 0)
    }

    /// Whether a page belongs to the site: same host, or one below a wildcard; same port; path below the site's. The
    /// scheme does not matter, since sites move between them.
    func covers(_ page: DomainAddress) -> Bool {
        let isHost =
            isWildcard
            ? page.host.hasSuffix(host.dropFirst(1)) || page.host == host.dropFirst(Self.wildcard.count)
            : page.host == host
        return isHost && page.port == port && (path.isEmpty || page.path == path || page.path.hasPrefix("\(path)/"))
    }
}
