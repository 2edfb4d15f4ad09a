import Foundation
import Mailer
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether a mail server is there: one that takes mail says so before it is asked.
enum MailServerGreeting {
    private static let seconds = 10

    /// - Returns: what there is to say of it. One that is encrypted from the first byte is only connected to.
    /// - Throws: ``CommandError``.
    static func read(_ configuration: SMTPConfiguration) async throws -> String {
        let (host, port) = parts(configuration)
        return try await NIOThreadPool.singleton.runIfActive {
            let descriptor = try connect(host, port)
            defer { close(descriptor) }
            if case .implicit = configuration.encryption { return "\(host):\(port) can be reached" }
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            let greeting = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
            guard greeting.hasPrefix("220") else {
                throw CommandError("\(host):\(port) is reached, and greets as no mail server does.")
            }
            return "\(host):\(port) greets"
        }
    }

    /// Of `smtp://host:port`; 465 and 25 are where there is none.
    private static func parts(_ configuration: SMTPConfiguration) -> (host: String, port: String) {
        let parts = URLComponents(string: "smtp://\(configuration.server)")
        var isImplicit = false
        if case .implicit = configuration.encryption { isImplicit = true }
        let host = (parts?.host ?? "").trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host, String(parts?.port ?? (isImplicit ? 465 : 25)))
    }

    private static func connect(_ host: String, _ port: String) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard code == 0 else { throw CommandError("\(host) is not known: \(String(cString: gai_strerror(code))).") }
        var reason = "no address"
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { continue }
            // For connecting, too (socket(7)).
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
            if Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
            reason = String(cString: strerror(errno))
            close(descriptor)
        }
        throw CommandError("\(host):\(port) cannot be reached: \(reason).")
    }
}
