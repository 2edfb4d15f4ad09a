package import ControlStore

/// Notes a change of a key in the history, in the transaction that makes the change.
public struct KeyChangeNote<Key: Sendable>: Sendable {
    /// Gets the key before and after; nil when it is not there.
    package typealias Write = @Sendable (_ old: Key?, _ new: Key?, Database) throws -> Void

    let write: Write

    package init(_ write: @escaping Write) {
        self.write = write
    }
}
