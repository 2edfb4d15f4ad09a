/// Why there is no text.
public enum TextGenerationError: Error, Sendable, Equatable {
    /// The operator has set up no service.
    case notConfigured
    /// The account, or the server, has as many texts written as it may.
    case busy(most: Int, isAccount: Bool)
    /// The service is not reached, or the connection ended; what the network says.
    case unreachable(String)
    /// It took longer than it may.
    case late(seconds: Int)
    /// The service does not take the key.
    case keyRefused(isOwn: Bool)
    /// The service takes no more requests for now.
    case overloaded(retryAfterSeconds: Int)
    /// The service answers with an error; what it says of it, where it says something.
    case refused(status: Int, reason: String?)
    /// The model will not write this; what it says of it, where it says something.
    case declined(String?)
    /// The answer ended before the text did.
    case cut
    /// The answer is none of chat completions; why.
    case malformed(String)
}
