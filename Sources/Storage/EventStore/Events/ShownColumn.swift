/// A column of events as queries see it, and exported rows have it.
public struct ShownColumn: Sendable, Equatable {
    /// How exported rows have it.
    package enum Exports: Sendable {
        /// It is never missing.
        case always
        /// Where it is missing, as an empty text.
        case orEmpty
        /// Where it is missing, as null.
        case orNull
        /// They do not have it.
        case never
    }

    /// Its name.
    public let name: String
    /// What it holds.
    public let description: String
    /// What it is called in the log.
    package let storedName: String
    package let storedType: LogColumnType
    package let exports: Exports

    /// Its type, as the engine names it.
    public var type: String { storedType.rawValue }
}
