import Cryptography

/// A request in the one spelling that both sides of AWS Signature Version 4 hash.
///
/// Source: AWS, "Create a signed AWS API request", step 1, with S3's rule that the path is encoded once and never
/// normalised. Pure: no clock, no credentials.
struct CanonicalRequest {
    /// The payload hash of a presigned link, whose body nobody signs.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// SHA-256 of nothing.
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    let method: String
    /// Not encoded, beginning with a slash.
    let path: String
    /// Not encoded, in any order.
    let query: [(name: String, value: String)]
    /// Every header that is signed; `host` must be among them.
    let headers: [(name: String, value: String)]
    let payloadHash: String

    /// The path as it goes on the wire.
    var encodedPath: String { PercentEncoding.encode(path, keepingSlashes: true) }

    /// The query as it goes on the wire: encoded, then sorted by name and value.
    var encodedQuery: String {
        query.map { (name: PercentEncoding.encode($0.name), value: PercentEncoding.encode($0.value)) }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// The lowercase names of the headers, sorted, joined by semicolons.
    var signedHeaders: String {
        Self.names(of: canonicalHeaders).joined(separator: ";")
    }

    /// The six parts, a line each.
    var text: String {
        let headers = canonicalHeaders
        let names = Self.names(of: headers)
        let lines = names.map { name in
            "\(name):\(headers.filter { $0.name == name }.map(\.value).joined(separator: ","))\n"
        }
        return [
            method, encodedPath, encodedQuery, lines.joined(), names.joined(separator: ";"), payloadHash,
        ].joined(separator: "\n")
    }

    /// SHA-256 of ``text``.
    var hash: String { Digest(of: text.utf8).hexadecimal }

    private var canonicalHeaders: [(name: String, value: String)] {
        headers.map { header in
            // Runs of blanks count as one, and none at the ends.
            let value = header.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            return (header.name.lowercased(), value)
        }
    }

    private static func names(of headers: [(name: String, value: String)]) -> [String] {
        Set(headers.map(\.name)).sorted()
    }
}
