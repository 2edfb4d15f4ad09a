import Foundation
import TestSupport
import Testing

@testable import Browser

/// A browser that takes too much ends.
@Suite struct ResourceWatchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A process in a group of its own, which is what `Process` starts.
    private func sleeper() throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["600"]
        try process.run()
        try #require(getpgid(process.processIdentifier) == process.processIdentifier)
        return process
    }

    @Test(.timeLimit(.minutes(1))) func whoStoresTooMuchEnds() async throws {
        let process = try sleeper()
        try FileManager.default.createDirectory(atPath: folder.file("deep/er"), withIntermediateDirectories: true)
        try Data(repeating: 1, count: 3 << 20).write(to: URL(fileURLWithPath: folder.file("deep/er/file")))
        let watch = ResourceWatch(diskBytes: 2 << 20)
        await watch.run(process.processIdentifier, profile: folder.path)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
        #expect(watch.excess == "a page stored more than 2 MB")
    }

    @Test(.timeLimit(.minutes(1))) func whoTakesTooMuchMemoryEnds() async throws {
        let process = try sleeper()
        let watch = ResourceWatch(memoryBytes: 0)
        await watch.run(process.processIdentifier, profile: folder.path)
        process.waitUntilExit()
        #expect(process.terminationStatus == SIGKILL)
        #expect(watch.excess == "a page took more than 0 MB of memory")
    }

    @Test(.timeLimit(.minutes(1))) func whoKeepsWithinTheLimitsGoesOn() async throws {
        let process = try sleeper()
        defer { kill(-process.processIdentifier, SIGKILL) }
        let watch = ResourceWatch()
        let watching = Task { await watch.run(process.processIdentifier, profile: folder.path) }
        try await Task.sleep(for: .milliseconds(600))
        #expect(process.isRunning && watch.excess == nil)
        watching.cancel()
        await watching.value
    }
}
