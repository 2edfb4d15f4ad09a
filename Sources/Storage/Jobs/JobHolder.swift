/// Whose turn a job takes: that of the account behind it.
public enum JobHolder: Sendable, Equatable {
    case environment(Int64)
    case project(Int64)
    /// Housekeeping, which is nobody's.
    case server
}
