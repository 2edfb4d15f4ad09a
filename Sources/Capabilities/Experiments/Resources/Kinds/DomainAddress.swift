import Foundation
import Text

/// Where a site lives: scheme, host as browsers name it (which may begin with `*.`), port, and the path that its pages
/// begin with.
package struct DomainAddress: CustomStringConvertible {
    let scheme: String
    let host: String
    let port: Int?
    let path: String

    private static let wildcard = "*."
    private static let standardPorts = ["http": 80, "https": 443]

    package init?(_ text: String) {
        // By bytes: a mark that combines with a slash does not make it another character.
        let bytes = text.utf8
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        let scheme = String(Substring(bytes[..<colon])).lowercased()
        guard let standardPort = Self.standardPorts[scheme] else { return nil }
        let rest = bytes[colon...].dropFirst(3).prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        var path = rest[authority.endIndex...]
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        let parts = String(Substring(authority)).split(byte: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, var host = parts.first.flatMap({ HostName.ascii($0) }) else { return nil }
        // A name that ends with the root's dot is the same name.
        if host.hasByteSuffix(".") { host.unicodeScalars.removeLast() }
        var port: Int?
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65_535).contains(number) else { return nil }
            port = number == standardPort ? nil : number
        }
        guard Self.isName(host.hasBytePrefix(Self.wildcard) ? Self.belowWildcard(host) : host) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = String(Substring(path))
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasBytePrefix(".") && !name.hasByteSuffix(".") && !name.containsBytes(of: "..")
            && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
    }

    private static func belowWildcard(_ host: String) -> String {
        String(Substring(host.utf8.dropFirst(wildcard.utf8.count)))
    }

    package var description: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)" }

    package var isWildcard: Bool { host.hasBytePrefix(Self.wildcard) }

    /// Orders the sites that cover a page: the greatest says most exactly where it is.
    func precision(for page: DomainAddress) -> (Int, Int, Int, Int) {
        (isWildcard ? 0 : 1, host.count, path.count, scheme == page.scheme ? 1 : 0)
    }

    /// Whether a page belongs to the site: same host, or one below a wildcard; same port; path below the site's. The
    /// scheme does not matter, since sites move between them.
    package func covers(_ page: DomainAddress) -> Bool {
        let isHost =
            isWildcard
            ? page.host.hasByteSuffix(".\(Self.belowWildcard(host))")
                || page.host.hasSameBytes(as: Self.belowWildcard(host))
            : page.host.hasSameBytes(as: host)
        return isHost && page.port == port
            && (path.isEmpty || page.path.hasSameBytes(as: path) || page.path.hasBytePrefix("\(path)/"))
    }
}
