/// Why somebody could not log in, or change how they do.
public enum LoginError: Error, Sendable, Equatable {
    /// User name, password or code is wrong; which of them, nobody is told.
    case wrong
    /// Too many have failed lately.
    case throttled(seconds: Int64)
    /// The step or code is not, or no longer, good.
    case expired
    /// A member of the request, and what is wrong with it.
    case invalid(field: String, String)
    /// What is asked for contradicts what is there.
    case conflict(String)
}
