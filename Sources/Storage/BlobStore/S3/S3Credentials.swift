/// An access key of an S3-compatible service. Its secret parts never show in descriptions.
public struct S3Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// Not secret: it travels in every request and link.
    public let accessKeyID: String
    /// Signs requests; never travels.
    public let secretAccessKey: String
    /// Set for temporary credentials only.
    public let sessionToken: String?

    /// - Parameter sessionToken: needed for temporary credentials only.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if set, `AWS_SESSION_TOKEN`.
    /// - Throws: ``BlobStoreError/invalidConfiguration(field:reason:)``.
    public init(environment: [String: String]) throws(BlobStoreError) {
        func required(_ name: String) throws(BlobStoreError) -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw .invalidConfiguration(field: name, reason: "set it to use an s3:// blob store")
            }
            return value
        }
        self.init(
            accessKeyID: try required("AWS_ACCESS_KEY_ID"), secretAccessKey: try required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 })
    }

    public var description: String { "S3Credentials(\(accessKeyID))" }

    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
