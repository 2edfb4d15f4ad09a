import Cryptography
import HTTPClient
import Time

/// Signs calls, sends them, repeats the ones that may be repeated, and turns error answers into ``BlobStoreError``.
///
/// Every call that the store makes may be repeated without harm, so connections that break are retried like 5xx answers.
struct S3Transport: Sendable {
    let configuration: S3Configuration
    let clock: WallClock

    /// The answer to `request`, which has a 2xx status.
    func send(_ request: S3Request) async throws -> ClientResponse {
        var attempt = 1
        while true {
            let failure: BlobStoreError
            do {
                let response = try await sendOnce(request)
                if (200..<300).contains(response.status) { return response }
                let error = S3ErrorDocument(status: response.status, body: await Self.beginning(of: response))
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
    func document(_ response: ClientResponse, limit: Int = 16 * 1_024 * 1_024) async throws -> [UInt8] {
        try await response.body.collect(upTo: limit)
    }

    private func sendOnce(_ request: S3Request) async throws -> ClientResponse {
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
        // Redirects are not followed, which suits a signature that names its host.
        var message = ClientRequest(
            method: request.method,
            url: configuration.origin + canonical.encodedPath + (query.isEmpty ? "" : "?\(query)"), headers: headers,
            body: request.body.content)
        message.answerTimeoutSeconds = configuration.responseTimeoutSeconds + request.body.size / 65_536
        return try await HTTPClient.send(message)
    }

    /// As much of an error's body as an error document can have; what cannot be read does not hide the status.
    private static func beginning(of response: ClientResponse) async -> [UInt8] {
        (try? await response.body.collect(upTo: 65_536)) ?? []
    }
}

extension S3Configuration {
    var signer: RequestSigner {
        RequestSigner(
            accessKeyID: credentials.accessKeyID, secret: Array(credentials.secretAccessKey.utf8),
            sessionToken: credentials.sessionToken, region: region, service: "s3")
    }
}
