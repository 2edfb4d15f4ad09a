import Foundation
import TestSupport
import Testing

@testable import Browser

/// Folders of Chromium, and what servers that were killed leave of them.
@Suite struct ProfileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var place: URL { URL(fileURLWithPath: folder.path) }

    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    /// What a server has left, whose process had the same id as every server in a container.
    private func leave(_ name: String, isLocked: Bool) throws -> LockFile? {
        let path = folder.file("sextant-browser-\(name)")
        try FileManager.default.createDirectory(atPath: "\(path)/profile", withIntermediateDirectories: true)
        let lock = LockFile(making: path + LockFile.suffix)
        #expect(lock != nil)
        return isLocked ? lock : nil
    }

    @Test func whatNobodyUsesIsRemovedByTheNext() throws {
        _ = try leave("killed", isLocked: false)
        let used = try leave("used", isLocked: true)
        try FileManager.default.createDirectory(
            atPath: folder.file("sextant-browser-1-of-before"), withIntermediateDirectories: false)
        try FileManager.default.createDirectory(
            atPath: folder.file("another"), withIntermediateDirectories: false)
        let first = try Profile(in: place)
        let second = try Profile(in: place)
        let kept = ["another", "sextant-browser-used", "sextant-browser-used.lock"]
        let own = [first, second].map { URL(fileURLWithPath: $0.path).lastPathComponent }
        #expect(names == (kept + own + own.map { $0 + LockFile.suffix }).sorted())
        first.remove()
        second.remove()
        #expect(names == kept)
        withExtendedLifetime(used) {}
    }

    /// Other users of the folder for temporary files may lay something in the way.
    @Test func aLinkIsNoLock() throws {
        let path = folder.file("sextant-browser-link.lock")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.file("target"))
        #expect(LockFile(making: path) == nil && LockFile(taking: path) == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.file("target")))
    }
}
