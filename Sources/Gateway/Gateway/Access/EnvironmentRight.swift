/// What an operation asks of the key of an environment that calls it.
public enum EnvironmentRight: String, Sendable, CaseIterable {
    /// Sending events and profiles, following one's own uploads, asking for decisions. Every key may.
    case send
    /// Reading out what is stored or set up. Keys with `can_export` may.
    case read
    /// Changing what is set up, deleting, and keys. Keys with `can_export` may.
    case manage
    /// Nothing that a key of an environment can show: the operation is for Convert keys.
    case account
}
