import HTTPClient

/// Which bytes of how many a GetObject answer carries.
struct S3ContentExtent {
    let totalSize: Int
    let range: Range<Int>

    /// - Throws: ``BlobStoreError/service(operation:status:code:message:)`` when the headers do not say.
    init(_ response: ClientResponse, request: S3Request) throws(BlobStoreError) {
        let status = response.status
        if status == 206 {
            // Content-Range: bytes 0-9/443
            let numbers = (response.header("content-range") ?? "").dropFirst("bytes ".count)
                .split(whereSeparator: { $0 == "-" || $0 == "/" }).map { Int($0) }
            if numbers.count == 3, let first = numbers[0], let last = numbers[1], let total = numbers[2],
                first >= 0, first <= last, last < total
            {
                self.totalSize = total
                self.range = first..<(last + 1)
                return
            }
        } else if let size = response.header("content-length").flatMap({ Int($0) }), size >= 0,
            !request.headers.contains(where: { $0.name == "range" })
        {
            self.totalSize = size
            self.range = 0..<size
            return
        }
        throw .service(
            operation: request.operation, status: status, code: "no code",
            message: "the answer does not say which bytes it carries")
    }
}
