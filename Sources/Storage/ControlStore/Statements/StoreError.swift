/// Why the store has refused a statement, whichever engine it is.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The row belongs to another one that is not there.
    case orphaned
    /// The store itself is in trouble: a full disk, a busy or damaged file. It says nothing about what was to be read or
    /// written.
    case trouble(reason: String)
    /// Another reason, which the statement gave.
    case refused(reason: String)

    public var description: String {
        switch self {
        case .orphaned: "what the row belongs to does not exist"
        case .trouble(let reason), .refused(let reason): reason
        }
    }
}
