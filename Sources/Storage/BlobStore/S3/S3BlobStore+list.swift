import Time

extension S3BlobStore {
    /// One page of a listing.
    struct ListPage {
        var files: [BlobListing] = []
        /// Where the next page begins; nil after the last.
        var nextToken: String?
    }

    /// ListObjectsV2. Objects whose names are no keys were put there by somebody else and are left out.
    func listPage(prefix: BlobKey?, token: String?, limit: Int) async throws -> ListPage {
        var request = S3Request(operation: "ListObjectsV2", method: "GET")
        let folder = prefix.map { configuration.objectName(of: $0) } ?? configuration.prefix?.path
        request.query = [("list-type", "2"), ("max-keys", String(limit)), ("encoding-type", "url")]
        if let folder { request.query.append(("prefix", "\(folder)/")) }
        if let token { request.query.append(("continuation-token", token)) }
        let response = try await transport.send(request)
        let document: XMLElement
        do {
            document = try XMLElement(document: try await transport.document(response))
        } catch let error as XMLSyntaxError {
            throw BlobStoreError.service(
                operation: request.operation, status: 200, code: "no code",
                message: "the answer cannot be read: \(error.reason) at byte \(error.offset)")
        }
        var page = ListPage()
        for contents in document.children where contents.name == "Contents" {
            guard let name = contents["Key"]?.text.withoutPrefix(configuration.prefix), let key = try? BlobKey(name),
                let size = contents["Size"].flatMap({ Int($0.text) }),
                let modified = contents["LastModified"].flatMap({ Timestamp($0.text) })
            else { continue }
            page.files.append(BlobListing(key: key, size: size, modified: modified))
        }
        if document["IsTruncated"]?.text == "true" { page.nextToken = document["NextContinuationToken"]?.text }
        return page
    }
}

extension String {
    /// The rest after `prefix` and a slash; nil when this does not begin so.
    fileprivate func withoutPrefix(_ prefix: BlobKey?) -> String? {
        guard let prefix else { return self }
        return hasPrefix("\(prefix.path)/") ? String(dropFirst(prefix.path.count + 1)) : nil
    }
}
