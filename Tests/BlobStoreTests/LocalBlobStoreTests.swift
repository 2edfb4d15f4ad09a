import Foundation
import NIOCore
import TestSupport
import Testing
import Time

@testable import BlobStore

struct LocalBlobStoreTests {
    private let folder: TemporaryFolder
    private let store: LocalBlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try LocalBlobStore(
            directory: folder.file("blobs"), publicBaseURL: "/blobs", signingKey: Array(repeating: 7, count: 32))
    }

    private func publish(_ key: String, _ text: String) async throws -> StoredBlob {
        try await store.publish(
            fileAt: try folder.newFile(text: text), as: try BlobKey(key), contentType: "text/plain")
    }

    @Test func publishingMovesTheFile() async throws {
        let source = try folder.newFile(text: "abc")
        let key = try BlobKey("exports/12/a.csv")
        let stored = try await store.publish(fileAt: source, as: key, contentType: "text/csv")
        #expect(
            stored
                == StoredBlob(
                    size: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(!FileManager.default.fileExists(atPath: source))
        #expect(try await store.read(key).collected() == Array("abc".utf8))
        #expect(try await store.size(of: key) == 3)
        #expect(try await store.exists(key))
    }

    @Test func publishingReplaces() async throws {
        _ = try await publish("a", "old content")
        _ = try await publish("a", "new")
        #expect(try await store.read(try BlobKey("a")).collected() == Array("new".utf8))
    }

    @Test func anOpenReaderKeepsTheOldContent() async throws {
        _ = try await publish("a", "old content")
        let content = try await store.read(try BlobKey("a"))
        _ = try await publish("a", "new")
        #expect(try await content.collected() == Array("old content".utf8))
    }

    /// A reader beside many replacements sees one of the contents each time, whole.
    @Test func replacementIsAtomic() async throws {
        let key = try BlobKey("a")
        _ = try await publish("a", String(repeating: "0", count: 600_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for digit in 1...9 {
                    _ = try await publish("a", String(repeating: "\(digit)", count: 600_000 + digit))
                }
            }
            group.addTask {
                for _ in 0..<40 {
                    let bytes = try await store.read(key).collected()
                    let first = try #require(bytes.first)
                    #expect(bytes.count == 600_000 + Int(first - UInt8(ascii: "0")))
                    #expect(bytes.allSatisfy { $0 == first })
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func publishesFromAnotherFileSystem() async throws {
        let other = "/dev/shm/sextant-test-\(UUID().uuidString)"
        try #require(FileManager.default.isWritableFile(atPath: "/dev/shm"), "this test needs /dev/shm")
        let content = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(content).write(to: URL(fileURLWithPath: other))
        defer { unlink(other) }
        let key = try BlobKey("far/a.bin")
        _ = try await store.publish(fileAt: other, as: key, contentType: "application/octet-stream")
        #expect(!FileManager.default.fileExists(atPath: other))
        #expect(try await store.read(key).collected() == content)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("blobs/.unfinished")).isEmpty)
    }

    @Test func aKnownDigestIsTakenAndAWrongSizeRefused() async throws {
        let source = try folder.newFile(text: "abc")
        let key = try BlobKey("a")
        await #expect(throws: BlobStoreError.self) {
            try await store.publish(
                fileAt: source, as: key, contentType: "text/plain", known: StoredBlob(size: 4, sha256: "x"))
        }
        #expect(FileManager.default.fileExists(atPath: source))
        #expect(try await !store.exists(key))
        let known = StoredBlob(size: 3, sha256: String(repeating: "a", count: 64))
        #expect(try await store.publish(fileAt: source, as: key, contentType: "text/plain", known: known) == known)
    }

    @Test func onlyRegularFilesArePublished() async throws {
        let target = try folder.newFile(text: "secret")
        let link = folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in [link, folder.file("missing"), folder.path, "/dev/null", folder.file("pipe")] {
            let error = await #expect(throws: BlobStoreError.self) {
                try await store.publish(fileAt: path, as: try BlobKey("a"), contentType: "text/plain")
            }
            guard case .unusableSource = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
        #expect(try await store.list(prefix: nil).isEmpty)
    }

    @Test func aFailedPublicationLeavesTheSource() async throws {
        _ = try await publish("a", "a file, so no folder")
        let source = try folder.newFile(text: "abc")
        await #expect(throws: BlobStoreError.self) {
            try await store.publish(fileAt: source, as: try BlobKey("a/b"), contentType: "text/plain")
        }
        #expect(FileManager.default.fileExists(atPath: source))
        #expect(try await !store.exists(try BlobKey("a/b")))
    }

    @Test func emptyFiles() async throws {
        let stored = try await publish("empty", "")
        #expect(stored.size == 0 && stored.sha256 == CanonicalRequest.emptyPayload)
        #expect(try await store.read(try BlobKey("empty")).collected().isEmpty)
        await #expect(throws: BlobStoreError.rangeNotSatisfiable(try BlobKey("empty"), size: 0)) {
            try await store.read(try BlobKey("empty"), range: 0..<1)
        }
    }

    @Test func ranges() async throws {
        _ = try await publish("a", "0123456789")
        let key = try BlobKey("a")
        for (range, expected) in [(0..<3, "012"), (9..<10, "9"), (4..<4_000, "456789"), (0..<10, "0123456789")] {
            let content = try await store.read(key, range: range)
            #expect(content.totalSize == 10)
            #expect(content.range == range.lowerBound..<min(range.upperBound, 10))
            #expect(try await content.collected() == Array(expected.utf8))
        }
        for range in [10..<11, 5..<5, -1..<3, 100..<200] {
            await #expect(throws: BlobStoreError.rangeNotSatisfiable(key, size: 10)) {
                try await store.read(key, range: range)
            }
        }
    }

    @Test func largeFilesComeInSmallChunks() async throws {
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let key = try BlobKey("large")
        _ = try await store.publish(fileAt: try folder.newFile(bytes), as: key, contentType: "x/y")
        var largest = 0
        var read: [UInt8] = []
        for try await chunk in try await store.read(key, range: 3..<900_001) {
            largest = max(largest, chunk.readableBytes)
            read += chunk.readableBytesView
        }
        #expect(largest <= FileChunks.chunkSize)
        #expect(read == Array(bytes[3..<900_001]))
    }

    @Test func aFileCutWhileReadIsNotTakenForWhole() async throws {
        _ = try await publish("a", String(repeating: "x", count: 1_000_000))
        let content = try await store.read(try BlobKey("a"))
        #expect(truncate(folder.file("blobs/a"), 300_000) == 0)
        await #expect(throws: BlobStoreError.truncated(received: 300_000, expected: 1_000_000)) {
            try await content.collected()
        }
    }

    @Test func missingFiles() async throws {
        let key = try BlobKey("no/such")
        #expect(try await store.size(of: key) == nil)
        #expect(try await !store.exists(key))
        await #expect(throws: BlobStoreError.notFound(key)) { try await store.read(key) }
        try await store.delete(key)
        try await store.delete(prefix: key)
        #expect(try await store.list(prefix: key).isEmpty)
    }

    @Test func folders() async throws {
        for key in ["e/1/a", "e/1/b", "e/1/deep/er/c", "e/12/a", "e/1", "f"] where key != "e/1" {
            _ = try await publish(key, key)
        }
        // Not keys: left by somebody else.
        try Data().write(to: URL(fileURLWithPath: folder.file("blobs/e/.DS_Store")))
        try Data().write(to: URL(fileURLWithPath: folder.file("blobs/e/with blank")))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("blobs/e/out"), withDestinationPath: "/etc")
        let listing = try await store.list(prefix: try BlobKey("e"))
        #expect(listing.map(\.key.path) == ["e/1/a", "e/1/b", "e/1/deep/er/c", "e/12/a"])
        #expect(listing.map(\.size) == [5, 5, 13, 6])
        let age = Date().timeIntervalSince1970 - Double(try #require(listing.first).modified.microseconds) / 1e6
        #expect((-600...600).contains(age))
        #expect(try await store.size(of: try BlobKey("e/1")) == nil)
        await #expect(throws: BlobStoreError.notFound(try BlobKey("e/1"))) {
            try await store.read(try BlobKey("e/1"))
        }
        try await store.delete(try BlobKey("e/1"))
        #expect(try await store.list(prefix: nil).count == 5)
        try await store.delete(prefix: try BlobKey("e/1"))
        #expect(try await store.list(prefix: nil).map(\.key.path) == ["e/12/a", "f"])
        try await store.delete(try BlobKey("f"))
        #expect(try await store.list(prefix: nil).map(\.key.path) == ["e/12/a"])
    }

    @Test func aSymbolicLinkIsNoFile() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("blobs/passwd"), withDestinationPath: "/etc/passwd")
        #expect(try await !store.exists(try BlobKey("passwd")))
        await #expect(throws: BlobStoreError.self) { try await store.read(try BlobKey("passwd")) }
    }

    @Test func startingClearsUnfinishedFilesAndKeepsTheRest() async throws {
        _ = try await publish("a", "kept")
        let leftover = folder.file("blobs/.unfinished/leftover")
        try Data("half".utf8).write(to: URL(fileURLWithPath: leftover))
        let again = try LocalBlobStore(
            directory: folder.file("blobs"), publicBaseURL: "/blobs", signingKey: Array(repeating: 7, count: 32))
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(try await again.read(try BlobKey("a")).collected() == Array("kept".utf8))
    }

    @Test func refusesUnusableSettings() {
        let key = [UInt8](repeating: 1, count: 32)
        for (directory, base, key) in [
            ("relative", "/blobs", key), (folder.path, "blobs", key), (folder.path, "ftp://x/blobs", key),
            (folder.path, "/blobs?x", key), (folder.path, "https:///blobs", key),
            (folder.path, "/blobs", Array(key.dropLast())),
        ] {
            #expect(throws: BlobStoreError.self) {
                try LocalBlobStore(directory: directory, publicBaseURL: base, signingKey: key)
            }
        }
        #expect(throws: BlobStoreError.self) {
            try LocalBlobStore(directory: "/proc/sextant", publicBaseURL: "/blobs", signingKey: key)
        }
    }
}
