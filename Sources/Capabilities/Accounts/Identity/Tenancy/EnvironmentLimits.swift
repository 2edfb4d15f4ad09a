public import ControlStore
public import Time

/// How many environments projects may have. Answered by the room that knows accounts' plans; within the transaction that adds one.
public protocol EnvironmentLimits: Sendable {
    /// - Returns: nil for any number.
    func environmentLimit(accountID: Int64, at now: Timestamp, in database: Database) throws -> Int64?
}
