import Text

/// Host and path of an absolute http or https address.
package struct PageAddress {
    package let hostname: String
    package let pathname: String

    package init?(_ address: String) {
        // By bytes: a mark that combines with a slash does not make it another character.
        let bytes = address.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            return nil
        }
        let scheme = String(Substring(bytes[..<colon])).lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = bytes[colon...].dropFirst(3)
        let authority = rest.prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        let at = authority.lastIndex(of: UInt8(ascii: "@"))
        let host = at.map { authority[$0...].dropFirst() } ?? authority
        guard let first = host.first else { return nil }
        // In an IPv6 address colons are not the port's.
        let isBracketed = first == UInt8(ascii: "[")
        let name = host.prefix { $0 != (isBracketed ? UInt8(ascii: "]") : UInt8(ascii: ":")) }
        hostname = String(Substring(name)).lowercased() + (isBracketed ? "]" : "")
        guard !hostname.isEmpty else { return nil }
        let path = rest[authority.endIndex...].prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        pathname = path.isEmpty ? "/" : String(Substring(path))
    }
}
