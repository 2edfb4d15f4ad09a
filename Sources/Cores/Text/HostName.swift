import Foundation

/// Names of hosts, as they stand in addresses.
public enum HostName {
    /// A host as browsers name it: in lower case, labels with letters beyond ASCII in their `xn--` form (UTS 46).
    /// - Returns: nil for what cannot be the name of a host.
    public static func ascii(_ host: String) -> String? {
        guard !host.utf8.allSatisfy({ $0 < 0x80 }) else { return host.lowercased() }
        // Parts of an address that are no host.
        guard !host.utf8.contains(where: { "/?#@:\\".utf8.contains($0) }),
            let encoded = URLComponents(string: "https://\(host)")?.encodedHost,
            encoded.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "%") })
        else { return nil }
        return encoded.lowercased()
    }
}
