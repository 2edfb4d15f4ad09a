import Foundation

/// Where a bucket is and how to reach it.
///
/// Written as one address: `s3://bucket/prefix?endpoint=http://127.0.0.1:5000&region=us-east-1&path_style=true`.
public struct S3Configuration: Sendable, Hashable {
    /// The bucket's name.
    public let bucket: String
    /// What every key in the bucket begins with, without slashes at its ends; nil for the bucket's root.
    public let prefix: BlobKey?
    /// Scheme, host and port of the service, without a trailing slash.
    public let endpoint: String
    /// The region that signatures name.
    public let region: String
    /// Whether the bucket is named in the path (`endpoint/bucket/key`) rather than in the host (`bucket.endpoint/key`).
    public let pathStyle: Bool
    /// What requests and links are signed with.
    public let credentials: S3Credentials

    /// Files larger than this go up in several parts. Bytes, at least 5 MiB (S3's least part) and at most 5 GiB. 64 MiB
    /// unless set.
    public var partSize = 64 * 1_024 * 1_024
    /// Parts of one file on their way at the same time.
    public var concurrentParts = 4
    /// How often and how patiently a failed request is repeated.
    public var retries = S3RetryPolicy()
    /// Seconds that one request may wait for its answer to begin, beyond the time its body takes at 64 KiB/s.
    public var responseTimeoutSeconds = 60

    /// Reads an `s3://` address.
    /// - Parameters:
    ///   - address: `s3://BUCKET[/PREFIX]` with the optional parameters `endpoint` (AWS's own for the region unless
    ///     set), `region` (`AWS_REGION`, `AWS_DEFAULT_REGION` or `us-east-1` unless set) and `path_style` (true when an
    ///     endpoint is set).
    ///   - environment: holds the credentials; see ``S3Credentials/init(environment:)``.
    /// - Throws: ``BlobStoreError/invalidConfiguration(field:reason:)``.
    public init(address: String, environment: [String: String]) throws(BlobStoreError) {
        guard let parts = URLComponents(string: address), parts.scheme == "s3", let bucket = parts.host,
            parts.user == nil, parts.password == nil, parts.port == nil, parts.fragment == nil
        else {
            throw .invalidConfiguration(
                field: "blob address", reason: "write it as s3://bucket/prefix?endpoint=URL&region=NAME&path_style=true"
            )
        }
        guard Self.isBucketName(bucket) else {
            throw .invalidConfiguration(
                field: "blob address", reason: "'\(bucket)' is no bucket name: 3 to 63 of a-z, 0-9, '.' and '-'")
        }
        var settings: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard ["endpoint", "region", "path_style"].contains(item.name), settings[item.name] == nil else {
                throw .invalidConfiguration(
                    field: "blob address", reason: "the parameter '\(item.name)' is unknown or given twice")
            }
            settings[item.name] = item.value ?? ""
        }
        let region =
            settings["region"] ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1"
        guard !region.isEmpty, region.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
            throw .invalidConfiguration(field: "blob address, region", reason: "'\(region)' is no region name")
        }
        let path = parts.percentEncodedPath.split(separator: "/").joined(separator: "/")
        self.bucket = bucket
        self.prefix = path.isEmpty ? nil : try Self.prefix(path)
        self.region = region
        self.endpoint = try Self.endpoint(settings["endpoint"] ?? "https://s3.\(region).amazonaws.com")
        self.pathStyle = try Self.flag(settings["path_style"]) ?? (settings["endpoint"] != nil)
        self.credentials = try S3Credentials(environment: environment)
    }

    /// Host and, unless it is the scheme's own, port of requests for this bucket.
    var host: String {
        let authority = endpoint.drop { $0 != "/" }.dropFirst(2)
        return pathStyle ? String(authority) : "\(bucket).\(authority)"
    }

    /// Scheme and ``host``.
    var origin: String {
        "\(endpoint.prefix { $0 != "/" })//\(host)"
    }

    /// The path, not encoded, of the object called `name`, or of the bucket itself.
    func path(of name: String?) -> String {
        (pathStyle ? "/\(bucket)" : "") + (name.map { "/\($0)" } ?? (pathStyle ? "" : "/"))
    }

    /// The object's name in the bucket.
    func objectName(of key: BlobKey) -> String {
        prefix.map { "\($0.path)/\(key.path)" } ?? key.path
    }

    private static func isBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        func isLetterOrDigit(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last) && !name.contains("..")
            && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func prefix(_ path: String) throws(BlobStoreError) -> BlobKey {
        do throws(BlobStoreError) {
            let prefix = try BlobKey(path)
            guard path.utf8.count <= 100 else {
                throw .invalidConfiguration(
                    field: "blob address", reason: "the prefix is longer than 100 characters")
            }
            return prefix
        } catch {
            guard case .invalidKey(_, let reason) = error else { throw error }
            throw .invalidConfiguration(field: "blob address", reason: "the prefix '\(path)' is not usable: \(reason)")
        }
    }

    private static func endpoint(_ text: String) throws(BlobStoreError) -> String {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.encodedHost, !host.isEmpty, parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil, ["", "/"].contains(parts.path)
        else {
            throw .invalidConfiguration(
                field: "blob address, endpoint", reason: "'\(text)' is not of the form http(s)://host[:port]")
        }
        let isOwnPort = parts.port == nil || parts.port == (scheme == "http" ? 80 : 443)
        return "\(scheme)://\(host)" + (isOwnPort ? "" : parts.port.map { ":\($0)" } ?? "")
    }

    private static func flag(_ text: String?) throws(BlobStoreError) -> Bool? {
        switch text {
        case nil: nil
        case "true", "1": true
        case "false", "0": false
        case .some(let other):
            throw .invalidConfiguration(field: "blob address, path_style", reason: "'\(other)' is not true or false")
        }
    }
}
