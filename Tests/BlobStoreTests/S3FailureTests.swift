import Foundation
import TestSupport
import Testing

@testable import BlobStore

/// What goes wrong between here and a bucket.
struct S3FailureTests {
    private let folder: TemporaryFolder
    private let configuration: S3Configuration
    private let store: S3BlobStore

    init() async throws {
        folder = try TemporaryFolder()
        configuration = try await S3Service.bucket()
        store = S3BlobStore(configuration: configuration)
    }

    private func publish(_ key: String, size: Int = 10) async throws -> String {
        let source = try folder.newSparseFile(size: size)
        _ = try await store.publish(fileAt: source, as: try BlobKey(key), contentType: "text/plain")
        return source
    }

    @Test(arguments: ["error", "drop", "forget"])
    func passingFailuresAreRetried(_ kind: String) async throws {
        try await S3Service.order(.init(kind: kind, match: ["PUT"], times: 2), for: configuration)
        _ = try await publish("a")
        #expect(try await store.size(of: try BlobKey("a")) == 10)
        #expect(try await S3Service.seen(configuration).filter { $0.hasPrefix("PUT") }.count == 3)
    }

    @Test func lastingFailuresAreReportedAfterAllAttempts() async throws {
        try await S3Service.order(
            .init(match: ["GET"], times: 100, status: 500, code: "InternalError"), for: configuration)
        await #expect(
            throws: BlobStoreError.service(
                operation: "GetObject", status: 500, code: "InternalError", message: "ordered by the test")
        ) { try await store.read(try BlobKey("a")) }
        #expect(try await S3Service.seen(configuration).count == 5)
    }

    @Test func refusalsAreNotRetried() async throws {
        try await S3Service.order(
            .init(match: ["PUT"], times: 100, status: 400, code: "InvalidRequest"), for: configuration)
        let source = try folder.newFile(text: "abc")
        let error = await #expect(throws: BlobStoreError.self) {
            try await store.publish(fileAt: source, as: try BlobKey("a"), contentType: "text/plain")
        }
        #expect(error?.isTemporary == false)
        #expect(try await S3Service.seen(configuration).count == 1)
        #expect(FileManager.default.fileExists(atPath: source))
    }

    @Test func slowAnswersTimeOut() async throws {
        var configuration = configuration
        configuration.responseTimeoutSeconds = 1
        configuration.retries.maximumAttempts = 2
        try await S3Service.order(.init(kind: "hang", match: ["GET"], times: 2), for: configuration)
        let error = await #expect(throws: BlobStoreError.self) {
            try await S3BlobStore(configuration: configuration).read(try BlobKey("a"))
        }
        guard case .unreachable(_, "GetObject", 2, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTemporary == true)
    }

    @Test func nobodyListening() async throws {
        var configuration = try S3Configuration(
            address: "s3://exports?endpoint=http://127.0.0.1:1", environment: try await S3Service.environment())
        configuration.retries.maximumAttempts = 2
        configuration.retries.firstWaitMilliseconds = 1
        let error = await #expect(throws: BlobStoreError.self) {
            try await S3BlobStore(configuration: configuration).checkAccess()
        }
        #expect(error?.description.contains("http://127.0.0.1:1") == true)
    }

    @Test func missingBucket() async throws {
        let store = S3BlobStore(configuration: try await S3Service.configuration(bucket: "no-such-bucket"))
        let expected = BlobStoreError.bucketMissing(bucket: "no-such-bucket", endpoint: try await S3Service.endpoint())
        let (key, source) = (try BlobKey("a"), try folder.newFile(text: "abc"))
        await #expect(throws: expected) { try await store.checkAccess() }
        await #expect(throws: expected) { try await store.read(key) }
        await #expect(throws: expected) { try await store.size(of: key) }
        await #expect(throws: expected) { try await store.list(prefix: nil) }
        await #expect(throws: expected) {
            try await store.publish(fileAt: source, as: key, contentType: "text/plain")
        }
        let large = try folder.newSparseFile(size: 6_000_000)
        await #expect(throws: expected) {
            try await store.publish(fileAt: large, as: key, contentType: "text/plain")
        }
    }

    @Test func wrongCredentials() async throws {
        for (environment, code) in [
            (["AWS_ACCESS_KEY_ID": "AKIANOBODY", "AWS_SECRET_ACCESS_KEY": "x"], "InvalidAccessKeyId"),
            (try await S3Service.environment(secret: "wrong"), "SignatureDoesNotMatch"),
        ] {
            let store = S3BlobStore(
                configuration: try await S3Service.configuration(bucket: configuration.bucket, environment: environment)
            )
            let error = await #expect(throws: BlobStoreError.self) { try await store.read(try BlobKey("a")) }
            guard case .credentialsRejected(code, _) = error else {
                Issue.record("\(String(describing: error)) instead of \(code)")
                continue
            }
            #expect(error?.description.contains("AWS_SECRET_ACCESS_KEY") == true)
        }
    }

    @Test func forbidden() async throws {
        let store = S3BlobStore(
            configuration: try await S3Service.configuration(
                bucket: configuration.bucket,
                environment: try await S3Service.environment(key: "stranger_key", secret: "stranger_secret")))
        let error = await #expect(throws: BlobStoreError.self) { try await store.read(try BlobKey("a")) }
        guard case .accessDenied("GetObject", configuration.bucket, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("s3:GetObject") == true)
    }

    @Test func aLostPartGivesTheUploadUp() async throws {
        try await S3Service.order(.init(match: ["PUT", "partNumber=2"], times: 100), for: configuration)
        let source = try folder.newSparseFile(size: 11_000_000)
        await #expect(throws: BlobStoreError.self) {
            try await store.publish(fileAt: source, as: try BlobKey("a"), contentType: "text/plain")
        }
        #expect(try await S3Service.openUploads(configuration).isEmpty)
        #expect(try await S3Service.seen(configuration).contains { $0.hasPrefix("DELETE") && $0.contains("uploadId") })
        #expect(FileManager.default.fileExists(atPath: source))
        #expect(try await !store.exists(try BlobKey("a")))
    }

    @Test func aCancelledUploadIsGivenUp() async throws {
        try await S3Service.order(.init(kind: "hang", match: ["PUT", "partNumber=2"], times: 1), for: configuration)
        let source = try folder.newSparseFile(size: 11_000_000)
        let upload = Task { try await store.publish(fileAt: source, as: try BlobKey("a"), contentType: "text/plain") }
        while try await !S3Service.seen(configuration).contains(where: { $0.contains("partNumber=2") }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        upload.cancel()
        await #expect(throws: (any Error).self) { try await upload.value }
        #expect(try await S3Service.openUploads(configuration).isEmpty)
        #expect(FileManager.default.fileExists(atPath: source))
    }

    @Test func aPassingFailureOfAPartIsRetried() async throws {
        try await S3Service.order(.init(kind: "drop", match: ["PUT", "partNumber=2"], times: 1), for: configuration)
        _ = try await publish("a", size: 11_000_000)
        #expect(try await store.size(of: try BlobKey("a")) == 11_000_000)
    }

    /// The service put the parts together, and only its answer was lost: the repeated call finds no upload any more.
    @Test func aLostAnswerToCompletionIsNoFailure() async throws {
        try await S3Service.order(.init(kind: "forget", match: ["POST", "uploadId="], times: 1), for: configuration)
        let source = try await publish("a", size: 11_000_000)
        #expect(try await store.size(of: try BlobKey("a")) == 11_000_000)
        #expect(!FileManager.default.fileExists(atPath: source))
    }

    /// S3 may begin with 200 and end with an error.
    @Test func anErrorBehind200IsAFailure() async throws {
        try await S3Service.order(
            .init(match: ["POST", "uploadId="], times: 1, status: 200, code: "InternalError"), for: configuration)
        let source = try folder.newSparseFile(size: 11_000_000)
        let error = await #expect(throws: BlobStoreError.self) {
            try await store.publish(fileAt: source, as: try BlobKey("a"), contentType: "text/plain")
        }
        #expect(error?.isTemporary == true)
        #expect(try await S3Service.openUploads(configuration).isEmpty)
        #expect(FileManager.default.fileExists(atPath: source))
    }

    @Test func aWrongDigestIsRefusedBeforeAnythingIsSent() async throws {
        let source = try folder.newSparseFile(size: 6_000_000)
        let known = StoredBlob(size: 6_000_000, sha256: String(repeating: "0", count: 64))
        let error = await #expect(throws: BlobStoreError.self) {
            try await store.publish(fileAt: source, as: try BlobKey("a"), contentType: "text/plain", known: known)
        }
        guard case .unusableSource = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await S3Service.seen(configuration).isEmpty)
    }
}
