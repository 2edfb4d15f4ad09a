import BlobStore
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing
import Time

@testable import Gateway

@Suite struct BlobPageTests {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let content = Array("0123456789".utf8)

    /// The answer to a request for a file of ten digits.
    private func get(
        range: String? = nil, method: HTTPRequest.Method = .get, after seconds: Int64 = 0,
        _ change: (String) -> String = { $0 }
    ) async throws -> TestResponse {
        let folder = try TemporaryFolder()
        let blobs = try LocalBlobStore(
            directory: folder.file("blobs"), publicBaseURL: "/blobs",
            signingKey: Array(repeating: 7, count: 32))
        let file = try folder.newFile(Self.content)
        let key = try BlobKey("exports/1/2025-06-09.json.gz")
        _ = try await blobs.publish(fileAt: file, as: key, contentType: "application/gzip")
        let link = try blobs.signedURL(
            for: key, signedAt: Self.now, lifetimeSeconds: 60, fileName: "2025-06-09.json.gz")
        var headers = HTTPFields()
        headers[.range] = range
        let page = BlobPage(blobs: blobs, clock: WallClock { Self.now.adding(seconds: seconds) })
        let uri = change(link)
        return try await ThingsSurface().test(pages: [page]) { [headers] client in
            try await client.execute(uri: uri, method: method, headers: headers) { $0 }
        }
    }

    @Test func aLinkNeedsNoKey() async throws {
        let response = try await get()
        #expect(response.status == .ok)
        #expect(Array(response.body.readableBytesView) == Self.content)
        #expect(response.headers[.contentLength] == "10")
        #expect(response.headers[.contentDisposition]?.contains("2025-06-09.json.gz") == true)
        #expect(response.headers[.cacheControl]?.contains("no-store") == true)
    }

    @Test(arguments: [
        ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=2-4", "234", "bytes 2-4/10"), ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"), ("bytes=-99", "0123456789", "bytes 0-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"), ("bytes=5-9223372036854775807", "56789", "bytes 5-9/10"),
        ("bytes=-9223372036854775807", "0123456789", "bytes 0-9/10"),
        ("bytes=0-99999999999999999999", "0123456789", "bytes 0-9/10"),
        ("bytes=-9223372036854775808", "0123456789", "bytes 0-9/10"),
    ])
    func aPartCanBeAskedFor(_ range: String, content: String, header: String) async throws {
        let response = try await get(range: range)
        #expect(response.status == .partialContent)
        #expect(String(buffer: response.body) == content)
        #expect(response.headers[.contentRange] == header)
        #expect(response.headers[.contentLength] == "\(content.utf8.count)")
    }

    @Test(arguments: ["bytes=10-", "bytes=-0", "bytes=10-19,30-"])
    func rangesOutsideOfTheFileAreSaidToBe(_ range: String) async throws {
        let response = try await get(range: range)
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers[.contentRange] == "bytes */10")
    }

    @Test(arguments: [
        "bytes=4-2", "bytes=-", "bytes=", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4",
        "bytes=--1",
    ])
    func otherRangesGetTheWholeFile(_ range: String) async throws {
        let response = try await get(range: range)
        #expect(response.status == .ok)
        #expect(Array(response.body.readableBytesView) == Self.content)
    }

    @Test func headTellsTheSize() async throws {
        let response = try await get(method: .head)
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength] == "10")
        #expect(response.body.readableBytes == 0)
    }

    @Test func aLinkThatExpiredOrWasChangedIsForbidden() async throws {
        #expect(try await get(after: 59).status == .ok)
        #expect(try await get(after: 60).status == .forbidden)
        #expect(try await get { $0.replacing("exports/1", with: "exports/2") }.status == .forbidden)
        #expect(try await get { $0.replacing("exports/1", with: "exports/1/..") }.status == .forbidden)
        #expect(try await get { String($0.prefix { $0 != "?" }) }.status == .forbidden)
        #expect(try await get { $0 + "0" }.status == .forbidden)
        #expect(try await get(method: .delete).status == .methodNotAllowed)
    }
}
