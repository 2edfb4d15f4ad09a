import Foundation

/// One of the two tables behind each table of the log. While the engine folds a table into its file nobody can append to
/// it, so the log is written to one half while the other one is folded; readers see both as one.
package enum LogHalf: Int, CaseIterable, Sendable {
    case first = 1
    case second = 2

    /// The other one.
    var other: LogHalf { self == .first ? .second : .first }

    /// The half of a table.
    package func of(_ table: String) -> String { "\(table)_\(rawValue)" }
}

/// Which half of the log is written.
final class WrittenHalf: @unchecked Sendable {
    private let condition = NSCondition()
    private var half = LogHalf.first
    private var writers: [LogHalf: Int] = [:]

    /// Runs a body that writes to the half and commits.
    func use<Result>(_ body: (LogHalf) throws -> Result) rethrows -> Result {
        condition.lock()
        let half = half
        writers[half, default: 0] += 1
        condition.unlock()
        defer {
            condition.lock()
            writers[half, default: 1] -= 1
            condition.broadcast()
            condition.unlock()
        }
        return try body(half)
    }

    /// From now on the other half is written. Blocks until what is being written to the one before is committed.
    func turn() {
        condition.lock()
        defer { condition.unlock() }
        let before = half
        half = before.other
        while writers[before, default: 0] > 0 { condition.wait() }
    }
}
