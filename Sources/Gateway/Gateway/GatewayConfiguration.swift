public import InternetAddress

/// Limits and addresses of the gateway.
public struct GatewayConfiguration: Sendable {
    /// Where people reach this server, such as `https://sextant.example.com`; nil takes each request's Host header.
    public var publicURL: String?
    /// Whether connections are encrypted here.
    public var isTLS = false
    /// Proxies that are believed when they say whom they speak for, in `X-Forwarded-For`.
    public var trustedProxies: [IPRange] = []
    /// What all request bodies in memory may hold together, in bytes.
    public var bodyBudgetBytes = 512 * 1_024 * 1_024
    /// Seconds within which the next request's head must be complete, on a new or an idle connection.
    public var headDeadlineSeconds: Int64 = 30
    /// Seconds without a byte in either direction after which a connection is closed.
    public var idleTimeoutSeconds: Int64 = 75
    /// Bytes of all header fields of a request.
    public var headerBytes = 32 * 1_024

    public init() {}
}
