import Foundation
import InternetAddress
import Text
public import WebFetch

/// Checks addresses that events are sent to.
///
/// This is for those who type one in. What really keeps requests from where they may not go is asked again for each
/// connection, with the address that it leads to.
public struct CallbackAddresses: Sendable {
    /// Networks that may be reached besides the public internet.
    let networks: [Network]

    private static let maximumBytes = 2_048

    public init(networks: [Network]) {
        self.networks = networks
    }

    /// - Throws: ``SubscriptionError/invalidAddress(_:)``.
    func check(_ text: String) throws(SubscriptionError) {
        guard text.utf8.count <= Self.maximumBytes, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidAddress(
                "give an address of at most \(Self.maximumBytes) characters, percent-encoded, without spaces")
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else { throw .invalidAddress("give an absolute address that begins with https:// or http://") }
        guard parts.user == nil, parts.password == nil else {
            throw .invalidAddress("leave out user and password: what is sent is signed instead")
        }
        guard parts.fragment == nil else { throw .invalidAddress("leave out what follows #") }
        if let port = parts.port, !(1...65_535).contains(port) { throw .invalidAddress("give a port from 1 to 65535") }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let isName = IPAddress(bare) == nil
        // Resolvers read `10.1` and `0x0a.1` as addresses, and no name of the internet ends in a number.
        if isName, host.hasPrefix("[") || Self.endsInNumber(bare) {
            throw .invalidAddress("write an address of a machine as four decimal numbers, or as IPv6 without a zone")
        }
        guard isName ? !Self.isOfThisMachine(bare) || allowsLoopback : Network.allows(bare, besidesPublic: networks)
        else { throw .invalidAddress("the address is not in the public internet, and the operator has not allowed it") }
    }

    private var allowsLoopback: Bool { Network.allows("127.0.0.1", besidesPublic: networks) }

    /// As the WHATWG URL standard tells addresses from names.
    private static func endsInNumber(_ host: String) -> Bool {
        let labels = host.lowercased().split(byte: ".")
        guard let last = labels.last else { return false }
        return last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            || last.hasBytePrefix("0x") && last.utf8.dropFirst(2).allSatisfy { Hexadecimal.value($0) != nil }
    }

    private static func isOfThisMachine(_ host: String) -> Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost")
    }
}
