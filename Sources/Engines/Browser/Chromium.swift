import Foundation
import Subprocess
import SystemPackage
public import WebFetch

/// A headless Chromium, started for each piece of work and gone after it.
///
/// It sees the network only through a ``GuardedProxy``, has a profile of its own that is thrown away, nothing of the
/// server's environment, and its sandbox. Under root, which Chromium has no sandbox for, it runs as `nobody`.
public struct Chromium: Sendable {
    /// Where Debian puts it.
    public static let usualPath = "/usr/bin/chromium"

    private let path: String
    private let networks: [Network]

    /// - Parameters:
    ///   - path: the program.
    ///   - networks: what pages may reach besides the public internet.
    public init(path: String, networks: [Network]) {
        self.path = path
        self.networks = networks
    }

    /// - Throws: ``BrowserError/notInstalled(path:)`` when there is no such program.
    public func checkInstalled() throws(BrowserError) {
        guard FileManager.default.isExecutableFile(atPath: path) else { throw .notInstalled(path: path) }
    }

    /// Starts Chromium, hands it over, and ends it.
    /// - Throws: ``BrowserError``, and what the body throws.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable (Browser) async throws -> Result
    ) async throws -> Result {
        try checkInstalled()
        let profile = try Profile()
        defer { profile.remove() }
        return try await GuardedProxy(networks: networks).run { port in
            try await run(profile: profile, proxyPort: port, body)
        }
    }

    private func run<Result: Sendable>(
        profile: Profile, proxyPort: Int, _ body: @escaping @Sendable (Browser) async throws -> Result
    ) async throws -> Result {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        // The pipe for commands has the numbers 3 and 4; what Chromium prints besides goes to a file of the profile.
        let wiring = #"cd "$HOME" && exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>log"#
        let outcome = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: Arguments(
                ["-c", wiring, "sh"] + profile.command + [path] + Self.flags(profile.path, proxyPort: proxyPort)),
            environment: .custom(["PATH": "/usr/bin:/bin", "HOME": profile.path, "LANG": "C.UTF-8"]),
            platformOptions: options, input: .inputWriter, output: .sequence, error: .discarded
        ) { process in
            let group = process.processIdentifier.value
            defer { kill(-group, SIGKILL) }
            let watch = ResourceWatch()
            let tools = DevTools { message in _ = try await process.standardInputWriter.write(message) }
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await tools.read(process.standardOutput) }
                tasks.addTask { await watch.run(group, profile: profile.path) }
                defer { tasks.cancelAll() }
                do {
                    let result = try await body(Browser(tools: tools))
                    kill(-group, SIGKILL)
                    return result
                } catch BrowserError.ended {
                    throw BrowserError.failed(watch.excess ?? profile.lastWords)
                }
            }
        }
        return outcome.closureResult
    }

    private static func flags(_ profile: String, proxyPort: Int) -> [String] {
        [
            "--headless", "--remote-debugging-pipe", "--user-data-dir=\(profile)/profile", "--no-first-run",
            "--no-default-browser-check", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
            "--mute-audio", "--disable-extensions", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--disable-breakpad",
            // Everything goes through the proxy, this machine's own addresses and names included.
            "--proxy-server=socks5://127.0.0.1:\(proxyPort)", "--proxy-bypass-list=<-loopback>",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            // The first of these is for the content shell of older versions, which do not know the second.
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-quic",
            // Nobody sees what a page opens besides itself.
            "--block-new-web-contents",
            "about:blank",
        ]
    }
}

/// Why a picture could not be taken.
public enum BrowserError: Error, Sendable, Equatable, CustomStringConvertible {
    case notInstalled(path: String)
    /// Chromium did not start, or ended by itself; what it said last.
    case failed(String)
    /// Chromium is gone.
    case ended
    /// Chromium refused a command; what it says.
    case refused(String)
    /// The page did not come.
    case unreachable(url: String, reason: String)
    /// The page was not done in time.
    case tooSlow(url: String, seconds: Int)

    public var description: String {
        switch self {
        case .notInstalled(let path): "there is no Chromium at \(path)"
        case .failed(let words): "Chromium ended: \(words)"
        case .ended: "Chromium ended"
        case .refused(let reason): "Chromium refused: \(reason)"
        case .unreachable(let url, let reason): "\(url) did not answer: \(reason)"
        case .tooSlow(let url, let seconds): "\(url) was not done after \(seconds) seconds"
        }
    }
}
