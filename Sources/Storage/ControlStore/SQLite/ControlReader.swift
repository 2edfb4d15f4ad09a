import GRDB

/// A connection that reads only, for a thread that may not wait until others are done.
public struct ControlReader: Sendable {
    let queue: DatabaseQueue

    /// Reads in one transaction, on the thread that calls.
    /// - Throws: ``StoreError``, and what the body throws.
    public func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try reporting { try queue.read { try body(Database($0)) } }
    }
}
