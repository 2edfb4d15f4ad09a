public import InternetAddress

/// Limits and addresses of the gateway.
public struct GatewayConfiguration: Sendable {
    /// Where people reach this server, such as `https://sextant.example.com`; nil takes each request's Host header.
    public var publicURL: String?
    /// Whether connections are encrypted here.
    public var isTLS = false
    /// Proxies that are believed when they say whom they speak for, and whether that is over TLS: in `X-Forwarded-For` and
    /// `X-Forwarded-Proto`, or in `Forwarded`.
    public var trustedProxies: [IPRange] = []
    /// What all requests and answers in memory may hold together, in bytes.
    public var memoryBudgetBytes = 512 * 1_024 * 1_024
    /// Seconds within which the next request's head must be complete, on a new or an idle connection.
    public var headDeadlineSeconds: Int64 = 30
    /// Seconds without a request after which a connection of HTTP/2 is closed.
    public var idleTimeoutSeconds: Int64 = 75
    /// What the answers of one connection may hold that its client has not read, in bytes; a single one may be larger.
    public var unreadBytesPerConnection = 128 * 1_024 * 1_024
    /// How long a client may take to read an answer.
    public var answerPace = AnswerPace.Limits()
    /// The most connections at once; the process needs open files for other things, too.
    public var maximumConnections = Int.max
    /// The most connections of one address at once (of version 6: of its first 64 bits).
    public var maximumConnectionsPerAddress = 1_000
    /// Networks whose addresses may have as many connections as there are: they carry many clients. Trusted proxies are
    /// among them without being named.
    public var sharedNetworks = IPRange.loopback
    /// Whether each request is a line of the log, also those that succeed.
    public var logsRequests = false
    /// Bytes of all header fields of a request.
    public var headerBytes = 32 * 1_024

    public init() {}

    var connectionLimits: ConnectionLimits {
        ConnectionLimits(
            total: maximumConnections, perAddress: maximumConnectionsPerAddress,
            exempt: sharedNetworks + trustedProxies)
    }

    /// Streams of HTTP/2: a connection may have a hundred, but not all of an address's connections at the same time.
    var streamLimits: ConnectionLimits {
        ConnectionLimits(
            total: .max, perAddress: maximumConnectionsPerAddress * 4, exempt: sharedNetworks + trustedProxies)
    }
}
