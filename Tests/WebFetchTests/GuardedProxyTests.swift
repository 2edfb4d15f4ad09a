import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import WebFetch

/// Against a real web server and a foreign client, curl.
@Suite struct GuardedProxyTests {
    private func curl(_ arguments: [String], proxyPort: Int) async throws -> (code: Int32, text: String) {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            process.arguments =
                ["--silent", "--max-time", "20", "--proxy", "socks5h://127.0.0.1:\(proxyPort)"] + arguments
            process.standardOutput = pipe
            process.terminationHandler = { process in
                let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                continuation.resume(returning: (process.terminationStatus, text))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }

    private func serve() async throws -> (server: ScriptServer, port: String) {
        let server = try await ScriptServer.start(script: webServer, having: "http.server")
        return (server, server.announcement["port"] ?? "")
    }

    @Test func namedNetworksAreReachedByAddressAndByName() async throws {
        let (server, port) = try await serve()
        defer { server.stop() }
        let proxy = GuardedProxy(networks: [try #require(Network("127.0.0.0/8")), try #require(Network("::1"))])
        try await proxy.run { proxyPort in
            let byAddress = try await curl(["http://127.0.0.1:\(port)/page"], proxyPort: proxyPort)
            #expect(byAddress.code == 0 && !byAddress.text.isEmpty)
            let byName = try await curl(["-4", "http://localhost:\(port)/page"], proxyPort: proxyPort)
            #expect([0, 97].contains(byName.code))
        }
    }

    @Test func everywhereElseIsRefused() async throws {
        let (server, port) = try await serve()
        defer { server.stop() }
        try await GuardedProxy(networks: []).run { proxyPort in
            for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0", "nowhere.invalid"] {
                let refused = try await curl(["http://\(host):\(port)/page"], proxyPort: proxyPort)
                // curl: the proxy handshake failed.
                #expect(refused.code == 97, "\(host)")
                #expect(refused.text.isEmpty)
            }
        }
    }

    /// Whatever a page names, name servers that do not answer hold up nothing else: not the threads that uploads and answers
    /// share, and no page that names addresses.
    @Test(.timeLimit(.minutes(1))) func namesThatNobodyAnswersForHoldUpNobodyElse() async throws {
        let (server, port) = try await serve()
        defer { server.stop() }
        let asked = Mutex(0)
        let isOver = DispatchSemaphore(value: 0)
        let proxy = GuardedProxy(networks: [try #require(Network("127.0.0.0/8"))]) { host, port in
            asked.withLock { $0 += 1 }
            isOver.wait()
            isOver.signal()
            return try SocketAddress(ipAddress: "127.0.0.1", port: port)
        }
        try await proxy.run { proxyPort in
            let waiting = (0..<8).map { number in
                Task { try await curl(["http://name-\(number).example:\(port)/page"], proxyPort: proxyPort) }
            }
            while asked.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            try await Task.sleep(for: .milliseconds(200))
            let byAddress = try await curl(["http://127.0.0.1:\(port)/page"], proxyPort: proxyPort)
            #expect(byAddress.code == 0)
            // As many as these threads are, at once.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<System.coreCount * 2 {
                    group.addTask { try await NIOThreadPool.singleton.runIfActive {} }
                }
                try await group.waitForAll()
            }
            isOver.signal()
            for task in waiting { #expect(try await task.value.code == 0) }
        }
    }

    @Test func whatIsNoHandshakeIsDropped() async throws {
        try await GuardedProxy(networks: []).run { proxyPort in
            let noProxy = try await curl(["--noproxy", "*", "http://127.0.0.1:\(proxyPort)/"], proxyPort: proxyPort)
            #expect(noProxy.code != 0 && noProxy.text.isEmpty)
            let partial = try await curl(
                ["--noproxy", "*", "telnet://127.0.0.1:\(proxyPort)", "--max-time", "1"], proxyPort: proxyPort)
            #expect(partial.text.isEmpty)
            let after = try await curl(["http://127.0.0.1:1/"], proxyPort: proxyPort)
            #expect(after.code == 97)
        }
    }
}
