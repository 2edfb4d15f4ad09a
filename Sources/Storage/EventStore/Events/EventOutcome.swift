/// What became of one submitted event.
public enum EventOutcome: Sendable, Equatable {
    /// Committed to disk under this id.
    case accepted(EventIdentifier)
    /// An event with the same client event id was stored within the last 24 hours; nothing was stored.
    case duplicate
}

/// Why events could not be stored. None of the submitted events was; sending them again is safe.
public enum EventWriteError: Error, Sendable {
    /// More events are waiting than the queue takes. Try again after a moment.
    case overloaded(retryAfterSeconds: Int)
    /// The event store refused the commit, for instance because the disk is full.
    case failed(reason: String)
    /// The server is shutting down.
    case stopped

    public var message: String {
        switch self {
        case .overloaded: "The server is storing events as fast as it can. Send the same request again after a moment."
        case .failed(let reason): "The events could not be stored: \(reason) Send the same request again later."
        case .stopped: "The server is shutting down. Send the same request again after it is back."
        }
    }
}
