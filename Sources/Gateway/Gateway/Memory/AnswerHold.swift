import HTTPTypes

/// What an answer holds of memory, told to its connection right before the answer: the connection gives it back once the
/// answer is written to the socket. Sent as an event.
struct AnswerHold: Sendable {
    let lease: MemoryLease

    /// So little is not worth accounting for.
    private static let freeBytes = 2 * 1_024
    /// What changes something was done: its answer is let through unless it is larger than this.
    private static let smallBytes = 64 * 1_024
    /// Documents up to this size are counted as if they were there anyway.
    private static let largeBytes = 1_024 * 1_024
    /// What a stream keeps of its source for a slow reader: the piece that is being written, and the next.
    private static let streamBytes = 2 * 256 * 1_024

    /// Has an answer count, or puts a small one in its place where there is no room.
    /// - Returns: nil for an answer that holds next to nothing.
    static func take(
        for response: inout OperationResponse, to method: HTTPRequest.Method, errors: ErrorRenderer,
        lease: @autoclosure () -> MemoryLease
    ) -> AnswerHold? {
        let bytes = heldBytes(response.body)
        guard bytes > freeBytes, method != .head else { return nil }
        let hold = AnswerHold(lease: lease())
        let isSafe = method == .get
        if hold.lease.hold(bytes, beyondShare: !isSafe && bytes <= smallBytes) { return hold }
        response = errors.response(to: isSafe ? tooManyUnread : tooManyUnreadAfter)
        return nil
    }

    private static func heldBytes(_ body: OperationResponse.Body) -> Int {
        switch body {
        case .none: 0
        case .bytes(let bytes): bytes.count
        // Whoever reads slowly keeps what everybody else has a newer one of.
        case .shared(let bytes) where bytes.count > largeBytes: bytes.count
        case .shared(let bytes): min(bytes.count, 2 * OperationResponse.pieceBytes)
        case .stream(let length, _): min(length ?? streamBytes, streamBytes)
        }
    }

    private static let tooManyUnread = APIError.tooManyRequests(
        "Too many large answers are under way. Read those, then send the same request again.", retryAfterSeconds: 2)

    private static let tooManyUnreadAfter = APIError.tooManyRequests(
        "Too many large answers are under way, so that there is no room for this one. Read those, then send the same request "
            + "again; if it was to change something, look first whether it has.", retryAfterSeconds: 2)
}
