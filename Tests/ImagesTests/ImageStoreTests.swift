import BlobStore
import ControlStore
import NIOCore
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Images

@Suite struct ImageStoreTests {
    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let images: ImageStore

    private static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)

    init() throws {
        temporary = try TemporaryStore()
        try temporary.store.blockingWrite { database in
            try database.execute(
                sql: "INSERT INTO projects (id, account_id, name, type, created_at) VALUES (2, 1, 'q', 'web', 0)")
        }
        images = ImageStore(
            store: temporary.store,
            files: PictureFiles(
                blobs: try LocalBlobStore(
                    directory: temporary.folder.file("blobs"), publicBaseURL: "/blobs",
                    signingKey: Array(repeating: 7, count: 32)),
                workingDirectory: temporary.folder.path),
            clock: hand.clock)
    }

    @Test func picturesAreKeptListedServedAndDeleted() async throws {
        let first = try await images.add(Self.png, name: "a b/ü.png", projectID: 1)
        hand.advance(seconds: 1)
        let second = try await images.add(Self.png, name: "../evil.html", projectID: 1)
        #expect(first.key.hasSuffix("-a-b--.png") && first.contentType == "image/png")
        #expect(second.key.hasSuffix("-..-evil.html.png"))
        #expect(try await images.list(projectID: 1, after: nil, limit: 50) == [first, second])
        #expect(try await images.list(projectID: 1, after: first.key, limit: 50) == [second])
        #expect(try await images.list(projectID: 1, after: nil, limit: 1) == [first])
        #expect(try await images.list(projectID: 2, after: nil, limit: 50).isEmpty)
        let (_, content) = try #require(try await images.content(first.key, projectID: 1))
        var bytes: [UInt8] = []
        for try await chunk in content { bytes += Array(buffer: chunk) }
        #expect(bytes == Self.png)
        #expect(try await images.content(first.key, projectID: 2) == nil)
        #expect(try await !images.delete(first.key, projectID: 2))
        #expect(try await images.delete(first.key, projectID: 1))
        #expect(try await images.content(first.key, projectID: 1) == nil)
        #expect(try await !images.delete(first.key, projectID: 1))
    }

    @Test func anHourTakesFifty() async throws {
        for _ in 0..<UploadRate.perHour { _ = try await images.add(Self.png, name: "a", projectID: 1) }
        await #expect(throws: ImageError.tooMany(perHour: 50, retryAfterSeconds: 3_600)) {
            try await images.add(Self.png, name: "a", projectID: 1)
        }
        // Nothing is read any more, then.
        await #expect(throws: ImageError.tooMany(perHour: 50, retryAfterSeconds: 3_600)) {
            try await images.add(Array("<svg".utf8), name: "a", projectID: 1)
        }
        _ = try await images.add(Self.png, name: "a", projectID: 2)
        hand.advance(seconds: 3_601)
        _ = try await images.add(Self.png, name: "a", projectID: 1)
    }

    @Test(arguments: [
        (Array("GIF89a".utf8), ImageFormat.gif), (Array("RIFF0000WEBPVP8 ".utf8), .webp),
        ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
        (png, .png),
    ])
    func formatsAreToldByTheirContent(_ bytes: [UInt8], _ format: ImageFormat) {
        #expect(ImageFormat.raster(bytes) == format)
        #expect(ImageFormat.raster(bytes.dropLast(bytes.count - 2)) == nil)
    }

    @Test func otherContentIsRefused() async throws {
        for bytes in [[], Array("hello".utf8), [0xFF, 0xD8], Array("<html><script>1</script></html>".utf8)] {
            await #expect(throws: ImageError.unknownFormat) { try await images.add(bytes, name: "a.png", projectID: 1) }
        }
        let large = Self.png + [UInt8](repeating: 0, count: Picture.maximumBytes)
        await #expect(throws: ImageError.tooLarge(maximumBytes: Picture.maximumBytes)) {
            try await images.add(large, name: "a.png", projectID: 1)
        }
    }
}
