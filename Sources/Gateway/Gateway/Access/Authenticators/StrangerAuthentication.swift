import HTTPTypes

/// Recognises callers who need show nothing.
public struct StrangerAuthentication: Authenticator {
    /// Whether a request with an `Authorization` header is left to the next in the chain.
    private let isWithoutAuthorization: Bool

    public init(withoutAuthorization isWithoutAuthorization: Bool = false) {
        self.isWithoutAuthorization = isWithoutAuthorization
    }

    public var kind: Principal.Kind { .stranger }

    public func authenticate(_ head: RequestHead) -> Evidence? {
        isWithoutAuthorization && head.headers[.authorization] != nil ? nil : .proved(.stranger)
    }
}
