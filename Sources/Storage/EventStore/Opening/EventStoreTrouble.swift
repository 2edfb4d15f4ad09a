import DuckDB

/// Errors of the event store itself, which say nothing about what was to be read or written.
public enum EventStoreTrouble {
    /// Whether the error will pass: a full or broken disk, a writer that is busy or stopping, an engine that has failed and
    /// is being opened anew.
    public static func isCause(of error: any Error) -> Bool {
        switch error {
        case is EventWriteError, is EventStoreError, is PoolError, is CancellationError: true
        case let error as DuckDBError: [.io, .fatal, .interrupted].contains(error.kind)
        default: false
        }
    }

    /// Whether the error is about the rows that were to be stored.
    public static func isAboutRows(_ error: any Error) -> Bool {
        guard let error = error as? DuckDBError else { return !isCause(of: error) }
        return [.constraint, .conversion, .outOfRange, .invalidInput, .misuse].contains(error.kind)
    }
}
