public import WebFetch

/// A request that goes to another server.
public struct ClientRequest: Sendable {
    /// What is sent.
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// So many bytes, read when there is room for them on the wire. `read` fills a buffer from an offset on and says how
        /// many bytes it put there; it holds up other transfers, so it may take as long as a disk does, and no longer.
        case pieces(count: Int, read: @Sendable (_ offset: Int, _ target: UnsafeMutableRawBufferPointer) throws -> Int)

        var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .pieces(let count, _): count
            }
        }
    }

    public var method: String
    /// `http://` or `https://`, percent-encoded; goes out as it is written.
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: Body
    /// The networks that may be connected to besides the public internet, for addresses that users give; nil where any may.
    public var guardedNetworks: [Network]?
    /// File of certificates, as PEM, that are trusted instead of the system's; nil for the system's.
    public var certificateAuthorities: String?
    /// Seconds until the answer must have begun.
    public var answerTimeoutSeconds = 120
    /// Seconds from then on until all of it must be there; nil for as long as it takes.
    public var bodyTimeoutSeconds: Int?
    /// Seconds without a byte in either direction; time in which nobody asks for the answer's next bytes does not count.
    public var idleTimeoutSeconds = 60

    public init(
        method: String, url: String, headers: [(name: String, value: String)] = [], body: Body = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
