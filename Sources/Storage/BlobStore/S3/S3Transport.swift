import AsyncHTTPClient
import Cryptography
import NIOCore
import NIOHTTP1
import Time

/// Signs calls, sends them, repeats the ones that may be repeated, and turns error answers into ``BlobStoreError``.
///
/// Every call that the store makes may be repeated without harm, so connections that break are retried like 5xx answers.
struct S3Transport: Sendable {
    let configuration: S3Configuration
    let clock: WallClock

    /// One client for the life of the process; redirects are not followed, since a signature names its host.
    private static let client: HTTPClient = {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(60), write: .seconds(60)))
        settings.httpVersion = .http1Only
        // Otherwise a refused connection is tried again in silence until the connect timeout.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }()

    /// The answer to `request`, which has a 2xx status.
    func send(_ request: S3Request) async throws -> HTTPClientResponse {
        var attempt = 1
        while true {
            let failure: BlobStoreError
            do {
                let response = try await sendOnce(request)
                if (200..<300).contains(response.status.code) { return response }
                let error = S3ErrorDocument(status: Int(response.status.code), body: await Self.beginning(of: response))
                failure = error.blobStoreError(for: request, in: configuration)
                guard error.isTemporary, attempt < configuration.retries.maximumAttempts else { throw failure }
            } catch let error as BlobStoreError {
                throw error
            } catch {
                try Task.checkCancellation()
                guard attempt < configuration.retries.maximumAttempts else {
                    throw BlobStoreError.unreachable(
                        endpoint: configuration.origin, operation: request.operation, attempts: attempt,
                        reason: String(describing: error))
                }
            }
            try await configuration.retries.wait(afterAttempt: attempt)
            attempt += 1
        }
    }

    /// The answer's body, which must not be larger than `limit` bytes.
    func document(_ response: HTTPClientResponse, limit: Int = 16 * 1_024 * 1_024) async throws -> [UInt8] {
        Array(buffer: try await response.body.collect(upTo: limit))
    }

    private func sendOnce(_ request: S3Request) async throws -> HTTPClientResponse {
        let now = clock.now
        let payloadHash =
            switch request.body {
            case .none: CanonicalRequest.emptyPayload
            case .bytes(let bytes): Digest(of: bytes).hexadecimal
            case .file(_, _, let sha256): sha256
            }
        var headers =
            request.headers + [
                ("host", configuration.host), ("x-amz-content-sha256", payloadHash),
                ("x-amz-date", now.formatted(.basic)),
            ]
        if let token = configuration.credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
        let canonical = CanonicalRequest(
            method: request.method, path: configuration.path(of: request.objectName), query: request.query,
            headers: headers, payloadHash: payloadHash)
        headers.append(("authorization", configuration.signer.authorization(of: canonical, at: now)))

        let query = canonical.encodedQuery
        var message = HTTPClientRequest(
            url: configuration.origin + canonical.encodedPath + (query.isEmpty ? "" : "?\(query)"))
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        switch request.body {
        case .none: break
        case .bytes(let bytes): message.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let file, let range, _):
            message.body = .stream(FileChunks(file: file, range: range), length: .known(Int64(range.count)))
        }
        let seconds = configuration.responseTimeoutSeconds + request.body.size / 65_536
        return try await Self.client.execute(message, timeout: .seconds(Int64(seconds)))
    }

    /// As much of an error's body as an error document can have; what cannot be read does not hide the status.
    private static func beginning(of response: HTTPClientResponse) async -> [UInt8] {
        (try? await response.body.collect(upTo: 65_536)).map { Array(buffer: $0) } ?? []
    }
}

extension S3Configuration {
    var signer: RequestSigner {
        RequestSigner(
            accessKeyID: credentials.accessKeyID, secret: Array(credentials.secretAccessKey.utf8),
            sessionToken: credentials.sessionToken, region: region, service: "s3")
    }
}
