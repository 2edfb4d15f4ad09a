import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether the server could listen, asked before anything is opened for it.
struct ListenCheck {
    let host: String
    let port: Int

    /// - Throws: ``SettingsError`` that names the setting.
    func run() throws(SettingsError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard code == 0, let address = found?.pointee else {
            let reason = String(cString: gai_strerror(code))
            throw .refused("SEXTANT_HOST (--host): \(host) is no address that is known here (\(reason)).")
        }
        let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .refused("SEXTANT_HOST (--host): no socket for \(host): \(Self.reason).") }
        defer { close(descriptor) }
        var isReused: Int32 = 1
        // As the server's own socket has it: what was closed a moment ago is no obstacle.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) != 0 else { return }
        switch errno {
        case EADDRINUSE:
            throw .refused(
                "SEXTANT_PORT (--port): \(host):\(port) is taken by another program. Stop it, or choose another port.")
        case EACCES:
            throw .refused(
                "SEXTANT_PORT (--port): port \(port) needs rights that this process has not; choose one from 1024 on.")
        case EADDRNOTAVAIL:
            throw .refused("SEXTANT_HOST (--host): \(host) is not an address of this machine.")
        default:
            throw .refused("SEXTANT_HOST, SEXTANT_PORT: the server cannot listen on \(host):\(port): \(Self.reason).")
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
