import HTTPClient

extension S3BlobStore {
    /// S3's limit of parts in one upload.
    static let maximumParts = 10_000

    /// Uploads `file` in parts streamed from disk, several at a time; on any failure the parts are given up, so that
    /// nobody pays for them.
    func publishInParts(
        _ file: OpenFile, as key: BlobKey, contentType: String, known: StoredBlob?
    ) async throws -> StoredBlob {
        let partSize = max(configuration.partSize, (file.size + Self.maximumParts - 1) / Self.maximumParts)
        let digests = try await FileDigest.sha256(of: file, partSize: partSize)
        if let known, known.sha256 != digests.whole {
            throw BlobStoreError.unusableSource(
                path: file.path, reason: "its SHA-256 is \(digests.whole), not \(known.sha256) as was said")
        }
        let uploadID = try await createUpload(key, contentType: contentType, sha256: digests.whole)
        do {
            let tags = try await uploadParts(of: file, key, uploadID, partSize: partSize, digests: digests.parts)
            try await completeUpload(key, uploadID, tags: tags, sha256: digests.whole)
        } catch {
            // In a task of its own, since this one may be cancelled. What cannot be given up now is left to the bucket's
            // lifecycle rules; the first error is the one to report.
            await Task { try? await abortUpload(key, uploadID) }.value
            throw error
        }
        return StoredBlob(size: file.size, sha256: digests.whole)
    }

    private func createUpload(_ key: BlobKey, contentType: String, sha256: String) async throws -> String {
        var request = request("CreateMultipartUpload", "POST", key)
        request.query = [("uploads", "")]
        request.headers = [("content-type", contentType), (S3ObjectHead.digestHeader, sha256)]
        let response = try await transport.send(request)
        guard let document = try? XMLElement(document: try await transport.document(response)),
            let uploadID = document["UploadId"]?.text, !uploadID.isEmpty
        else { throw unreadable(request, response) }
        return uploadID
    }

    /// The entity tags of the parts, in their order.
    private func uploadParts(
        of file: OpenFile, _ key: BlobKey, _ uploadID: String, partSize: Int, digests: [String]
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var tags = [String](repeating: "", count: digests.count)
            for index in digests.indices {
                if index >= max(configuration.concurrentParts, 1), let (done, tag) = try await group.next() {
                    tags[done] = tag
                }
                let range = index * partSize..<min((index + 1) * partSize, file.size)
                group.addTask {
                    var request = request("UploadPart", "PUT", key)
                    request.query = [("partNumber", String(index + 1)), ("uploadId", uploadID)]
                    request.body = .file(file, range, sha256: digests[index])
                    let response = try await transport.send(request)
                    guard let tag = response.header("etag") else { throw unreadable(request, response) }
                    return (index, tag)
                }
            }
            for try await (done, tag) in group { tags[done] = tag }
            return tags
        }
    }

    private func completeUpload(_ key: BlobKey, _ uploadID: String, tags: [String], sha256: String) async throws {
        var request = request("CompleteMultipartUpload", "POST", key)
        request.query = [("uploadId", uploadID)]
        let parts = tags.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(tag.escapedForXML)</ETag></Part>"
        }
        request.headers = [("content-type", "application/xml")]
        request.body = .bytes(
            Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8))
        do {
            let response = try await transport.send(request)
            let body = try await transport.document(response)
            // S3 sends its 200 before it has put the parts together, and an error after all if that fails.
            guard let document = try? XMLElement(document: body) else { throw unreadable(request, response) }
            guard document.name != "Error" else {
                throw S3ErrorDocument(status: 500, body: body).blobStoreError(for: request, in: configuration)
            }
        } catch BlobStoreError.service(_, 404, "NoSuchUpload", let message) {
            // An earlier attempt may have done it and only its answer was lost.
            guard try await head(key)?.sha256 == sha256 else {
                throw BlobStoreError.service(
                    operation: request.operation, status: 404, code: "NoSuchUpload", message: message)
            }
        }
    }

    private func abortUpload(_ key: BlobKey, _ uploadID: String) async throws {
        var request = request("AbortMultipartUpload", "DELETE", key)
        request.query = [("uploadId", uploadID)]
        _ = try await transport.send(request)
    }

    private func unreadable(_ request: S3Request, _ response: ClientResponse) -> BlobStoreError {
        .service(
            operation: request.operation, status: response.status, code: "no code",
            message: "the answer is not what S3 services send")
    }
}
