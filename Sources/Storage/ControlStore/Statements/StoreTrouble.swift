/// Errors of the store itself, which say nothing about what was to be read or written: a full disk, a busy or damaged
/// file. Whoever meets one waits and tries again for as long as it lasts; nothing is set aside for it.
public enum StoreTrouble {
    /// Whether the error is one of them. A cancelled task counts as one: what it was about is as good as before.
    public static func isCause(of error: any Error) -> Bool {
        if error is CancellationError { return true }
        if case StoreError.trouble = error { return true }
        return false
    }
}
