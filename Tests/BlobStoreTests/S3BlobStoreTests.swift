import Cryptography
import Foundation
import NIOCore
import TestSupport
import Testing
import Time

@testable import BlobStore

/// Against moto's server, which checks every signature.
struct S3BlobStoreTests {
    private let folder: TemporaryFolder
    private let configuration: S3Configuration
    private let store: S3BlobStore

    init() async throws {
        folder = try TemporaryFolder()
        configuration = try await S3Service.bucket()
        store = S3BlobStore(configuration: configuration)
    }

    private func publish(_ key: String, _ text: String) async throws -> StoredBlob {
        try await store.publish(fileAt: try folder.newFile(text: text), as: try BlobKey(key), contentType: "text/plain")
    }

    @Test func publishesAndReads() async throws {
        let source = try folder.newFile(text: "abc")
        let key = try BlobKey("exports/12/a.csv")
        let stored = try await store.publish(fileAt: source, as: key, contentType: "text/csv; charset=utf-8")
        #expect(stored.size == 3)
        #expect(stored.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(!FileManager.default.fileExists(atPath: source))
        let content = try await store.read(key)
        #expect(content.totalSize == 3 && content.range == 0..<3)
        #expect(try await content.collected() == Array("abc".utf8))
        #expect(try await store.size(of: key) == 3)
        #expect(try await store.head(key)?.sha256 == stored.sha256)
        let object = try await S3Service.object("files/exports/12/a.csv", in: configuration)
        #expect(object["type"] == "text/csv; charset=utf-8")
    }

    @Test func publishingReplaces() async throws {
        _ = try await publish("a", "old")
        _ = try await publish("a", "")
        #expect(try await store.size(of: try BlobKey("a")) == 0)
        #expect(try await store.read(try BlobKey("a")).collected().isEmpty)
    }

    @Test func worksWithoutAPrefix() async throws {
        let configuration = try await S3Service.bucket(prefix: "")
        let store = S3BlobStore(configuration: configuration)
        let key = try BlobKey("a/b")
        _ = try await store.publish(fileAt: try folder.newFile(text: "x"), as: key, contentType: "text/plain")
        #expect(try await store.list(prefix: nil).map(\.key) == [key])
        try await store.delete(key)
        #expect(try await store.list(prefix: nil).isEmpty)
    }

    @Test func ranges() async throws {
        _ = try await publish("a", "0123456789")
        let key = try BlobKey("a")
        for (range, expected) in [(0..<3, "012"), (9..<10, "9"), (4..<4_000, "456789")] {
            let content = try await store.read(key, range: range)
            #expect(content.totalSize == 10)
            #expect(content.range == range.lowerBound..<min(range.upperBound, 10))
            #expect(try await content.collected() == Array(expected.utf8))
        }
        for range in [10..<11, 5..<5, -1..<3] {
            await #expect(throws: BlobStoreError.rangeNotSatisfiable(key, size: 10)) {
                try await store.read(key, range: range)
            }
        }
    }

    @Test func missingFiles() async throws {
        let key = try BlobKey("no/such")
        #expect(try await store.size(of: key) == nil)
        await #expect(throws: BlobStoreError.notFound(key)) { try await store.read(key) }
        try await store.delete(key)
        try await store.delete(prefix: key)
        #expect(try await store.list(prefix: key).isEmpty)
    }

    @Test func folders() async throws {
        for key in ["e/1/a", "e/1/b", "e/1/deep/c", "e/12/a", "e/1", "f"] { _ = try await publish(key, key) }
        #expect(
            try await store.list(prefix: try BlobKey("e")).map(\.key.path)
                == ["e/1", "e/1/a", "e/1/b", "e/1/deep/c", "e/12/a"])
        try await store.delete(prefix: try BlobKey("e/1"))
        let left = try await store.list(prefix: nil)
        #expect(left.map(\.key.path) == ["e/1", "e/12/a", "f"])
        #expect(left.map(\.size) == [3, 6, 1])
        let age = Date().timeIntervalSince1970 - Double(try #require(left.first).modified.microseconds) / 1e6
        #expect((-600...600).contains(age))
    }

    @Test func listsPageByPage() async throws {
        for index in 0..<7 { _ = try await publish("page/\(index)", "x") }
        var (keys, pages, token) = ([String](), 0, String?.none)
        repeat {
            let page = try await store.listPage(prefix: try BlobKey("page"), token: token, limit: 3)
            keys += page.files.map(\.key.name)
            (pages, token) = (pages + 1, page.nextToken)
        } while token != nil
        #expect(keys == (0..<7).map(String.init) && pages == 3)
    }

    /// Past 64 MiB in parts of 5 MiB: fourteen parts, the last one short.
    @Test func largeFilesGoUpInParts() async throws {
        let path = folder.file("large")
        let part = 5 * 1_024 * 1_024
        let size = 13 * part + 1_234
        let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 7) }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var expected = SHA256()
        var left = size
        while left > 0 {
            var piece = Data(block.prefix(left))
            withUnsafeBytes(of: left) { piece.replaceSubrange(0..<min(8, piece.count), with: $0.prefix(piece.count)) }
            try file.write(contentsOf: piece)
            expected.update(piece)
            left -= piece.count
        }
        try file.close()
        let digest = expected.finish().hexadecimal
        let key = try BlobKey("exports/large.parquet")

        let stored = try await store.publish(fileAt: path, as: key, contentType: "application/vnd.apache.parquet")
        #expect(stored == StoredBlob(size: size, sha256: digest))

        let seen = try await S3Service.seen(configuration)
        #expect(seen.filter { $0.hasPrefix("PUT") && $0.contains("partNumber=") }.count == 14)
        #expect(seen.filter { $0.hasPrefix("POST") }.count == 2)
        #expect(try await S3Service.openUploads(configuration).isEmpty)
        let object = try await S3Service.object("files/exports/large.parquet", in: configuration)
        #expect(object["etag"]?.hasSuffix("-14\"") == true)
        #expect(object["type"] == "application/vnd.apache.parquet")

        let content = try await store.read(key)
        #expect(content.totalSize == size)
        var received = SHA256()
        for try await chunk in content { received.update(chunk.readableBytesView) }
        #expect(received.finish().hexadecimal == digest)
        #expect(try await store.head(key)?.sha256 == digest)
    }

    @Test func presignedLinks() async throws {
        let key = try BlobKey("exports/a.csv")
        _ = try await store.publish(fileAt: try folder.newFile(text: "abc"), as: key, contentType: "text/csv")
        let now = WallClock.system.now
        let url = try store.signedURL(for: key, signedAt: now, lifetimeSeconds: 60, fileName: "Mai ü.csv")
        let answer = try await S3Service.fetch(url)
        #expect(answer.status == 200 && answer.body == Data("abc".utf8))
        #expect(
            answer.headers["content-disposition"]
                == "attachment; filename=\"Mai _.csv\"; filename*=UTF-8''Mai%20%C3%BC.csv")

        let expired = try store.signedURL(
            for: key, signedAt: now.adding(seconds: -61), lifetimeSeconds: 60, fileName: "a.csv")
        let late = try await S3Service.fetch(expired)
        #expect(late.status == 403 && String(decoding: late.body, as: UTF8.self).contains("expired"))

        for (part, other) in [
            ("X-Amz-Expires=60", "X-Amz-Expires=61"), ("a.csv?", "b.csv?"), ("Mai", "Mei"),
            ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ] {
            let tampered = url.replacing(part, with: other)
            #expect(tampered != url)
            #expect(try await S3Service.fetch(tampered).status == 403, "\(other) should be refused")
        }
    }
}
