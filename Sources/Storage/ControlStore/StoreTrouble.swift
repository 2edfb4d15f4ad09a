import GRDB

/// Errors of the store itself, which say nothing about what was to be read or written: a full disk, a busy or damaged
/// file. Whoever meets one waits and tries again for as long as it lasts; nothing is set aside for it.
public enum StoreTrouble {
    private static let codes: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_READONLY, .SQLITE_INTERRUPT, .SQLITE_IOERR,
        .SQLITE_CORRUPT, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL, .SQLITE_AUTH, .SQLITE_NOTADB,
        .SQLITE_ABORT,
    ]

    /// Whether the error is one of them. A cancelled task counts as one: what it was about is as good as before.
    public static func isCause(of error: any Error) -> Bool {
        if error is CancellationError { return true }
        guard let error = error as? DatabaseError else { return false }
        return codes.contains(error.resultCode)
    }
}
