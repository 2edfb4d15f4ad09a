/// Why a query gave no result. Nothing was changed by it, and nothing is left running.
public enum QueryError: Error, Sendable, Equatable {
    /// The text is SQL, but asks for something that queries may not do; the reason names it.
    case refused(String)
    /// The text is not SQL, or does not fit the table; in the engine's words.
    case invalid(String)
    /// It ran longer than it may.
    case timedOut(seconds: Int)
    /// It needed more memory than there is for queries.
    case outOfMemory
    /// It brought the process that ran it to its end, or its engine to give up.
    case engineFailed(reason: String)
    /// Other queries are running, and none ended in time. Try again after a moment.
    case tooBusy(retryAfterSeconds: Int)
    /// The result is larger than `limitBytes`.
    case tooLarge(limitBytes: Int)
    /// The copy of the events that queries read is being made: so many of so many events. Try again after a moment.
    case preparing(done: Int, total: Int, retryAfterSeconds: Int)
    /// The server cannot run queries at present; its log says more.
    case unavailable(String)
}

extension QueryError: CustomStringConvertible {
    /// One sentence for a person: what is wrong and the way out.
    public var description: String {
        switch self {
        case .refused(let reason): reason
        case .invalid(let message): message
        case .timedOut(let seconds):
            "The query did not finish within \(seconds) seconds; narrow it down, or raise timeout_seconds."
        case .outOfMemory: "The query needs more memory than queries may use; narrow it down."
        case .engineFailed(let reason):
            "The query was stopped, as the engine that ran it failed (\(reason)); write it in another way, or narrow it down."
        case .tooBusy: "As many queries are running as may run at once. Send the same query again after a moment."
        case .tooLarge(let limit):
            "The result is larger than \(limit) bytes; select fewer columns or rows, or start an export."
        case .preparing(let done, let total, _):
            "The copy of the events that queries read is being made: \(done) of \(total) events so far. "
                + "Send the same query again after a moment."
        case .unavailable(let reason): reason
        }
    }
}
