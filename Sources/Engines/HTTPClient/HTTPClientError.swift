/// Why there is no answer, or not all of it.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The request has an address or a header that cannot be sent.
    case invalidRequest
    /// libcurl could not be started, or there is no memory.
    case notStarted
    /// What the network library says.
    case failed(String)
    /// The answer did not begin in time.
    case noAnswer(seconds: Int)
    /// The answer has more bytes than are wanted.
    case tooLarge(limit: Int)

    public var description: String {
        switch self {
        case .invalidRequest: "the address or a header has characters that cannot be sent"
        case .notStarted: "the network library could not be started"
        case .failed(let reason): reason
        case .noAnswer(let seconds): "no answer within \(seconds) seconds"
        case .tooLarge(let limit): "the answer has more than \(limit) bytes"
        }
    }
}
