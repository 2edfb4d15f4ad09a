public import Time

/// What ``LocalBlobStore/verify(path:query:now:)`` found.
public enum SignatureVerdict: Sendable, Hashable {
    /// The link is genuine and alive.
    case valid(SignedBlobLink)
    /// The link is genuine; its life is over.
    case expired
    /// The link was not made by this store, or was changed since.
    case invalid
}

/// What a genuine link grants.
public struct SignedBlobLink: Sendable, Hashable {
    /// The one file that may be sent.
    public let key: BlobKey
    /// The value of the answer's `Content-Disposition` header.
    public let contentDisposition: String
}

extension LocalBlobStore {
    /// The host that signatures name. One server is reached under several names and through proxies, and its key is its
    /// own, so a link is bound to the store and not to the name under which it was fetched.
    private static let host = "blobs.sextant.internal"

    public func signedURL(
        for key: BlobKey, signedAt: Timestamp, lifetimeSeconds: Int, fileName: String
    ) throws(BlobStoreError) -> String {
        let disposition = try ContentDisposition.attachment(fileName: fileName)
        return publicBaseURL
            + (try signer.presignedTarget(
                path: "/\(key.path)", host: Self.host, query: [(PresignedQuery.contentDisposition, disposition)],
                at: signedAt, lifetimeSeconds: lifetimeSeconds))
    }

    /// Judges a fetched link: path, time, life and file name are all covered by its signature.
    /// - Parameters:
    ///   - path: the path of the request, below ``publicPath``.
    ///   - query: the query of the request as it came, without the question mark.
    ///   - now: a link lives from its signing up to, and not including, the end of its last second.
    public func verify(path: String, query: String, now: Timestamp) -> SignatureVerdict {
        guard path.hasPrefix("\(publicPath)/"), let query = PercentEncoding.decode(query: query),
            let decoded = PercentEncoding.decode(path.dropFirst(publicPath.count + 1)), let key = try? BlobKey(decoded),
            let link = LinkParameters(query), let signedAt = link.signedAt,
            link.credential == signer.credential(at: signedAt)
        else { return .invalid }
        let request = CanonicalRequest(
            method: "GET", path: "/\(key.path)", query: query.filter { $0.name != PresignedQuery.signature },
            headers: [("host", Self.host)], payloadHash: CanonicalRequest.unsignedPayload)
        guard signer.isValid(signature: link.signature, of: request, at: signedAt) else { return .invalid }
        guard now < signedAt.adding(seconds: Int64(link.lifetimeSeconds)) else { return .expired }
        return .valid(SignedBlobLink(key: key, contentDisposition: link.contentDisposition))
    }

    /// The path part of a base URL without its trailing slash; nil when it is no path and no http(s) URL.
    static func path(ofBaseURL base: String) -> String? {
        guard !base.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) else { return nil }
        if base.isEmpty || base.hasPrefix("/") { return base }
        for scheme in ["http://", "https://"] where base.hasPrefix(scheme) {
            let rest = base.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(of: "/") else { return rest.isEmpty ? nil : "" }
            return slash == rest.startIndex ? nil : String(rest[slash...])
        }
        return nil
    }
}

/// The query of a link of ours: exactly these parameters, each once.
private struct LinkParameters {
    let credential: String
    let date: String
    let lifetimeSeconds: Int
    let signature: String
    let contentDisposition: String

    init?(_ query: [(name: String, value: String)]) {
        let values = Dictionary(query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard query.count == 7, values.count == 7, values[PresignedQuery.algorithm] == RequestSigner.algorithm,
            values[PresignedQuery.signedHeaders] == "host",
            let credential = values[PresignedQuery.credential], let date = values[PresignedQuery.date],
            let expires = values[PresignedQuery.expires], let lifetimeSeconds = Int(expires),
            (1...RequestSigner.maximumLifetimeSeconds).contains(lifetimeSeconds),
            let signature = values[PresignedQuery.signature],
            let contentDisposition = values[PresignedQuery.contentDisposition]
        else { return nil }
        self.credential = credential
        self.date = date
        self.lifetimeSeconds = lifetimeSeconds
        self.signature = signature
        self.contentDisposition = contentDisposition
    }

    /// `20250511T074530Z` as a time; nil for anything else.
    var signedAt: Timestamp? {
        let digits = Array(date.utf8)
        guard digits.count == 16 else { return nil }
        func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        let text = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
        guard let time = Timestamp(text), time.formatted(.basic) == date else { return nil }
        return time
    }
}
