import DuckDB
import Foundation

/// The connection and the appender through which events are written. The engine takes them away when it has to be opened
/// anew; the next use makes them again.
final class WriterSession: @unchecked Sendable {
    private let lock = NSLock()
    private var instanceNumber = 0
    private var connection: Connection?
    /// Nil after a failed commit: an appender may still hold rows of the failed transaction, a fresh one starts clean.
    private var appender: EventAppender?
    /// That the appender writes to.
    private var half = LogHalf.first

    /// Runs a body with the means to write to a half of the log, alone.
    func use<R>(
        _ instance: EventEngine.Instance, _ half: LogHalf, _ body: (Connection, EventAppender) throws -> R
    ) throws -> R {
        lock.lock()
        defer { lock.unlock() }
        if instanceNumber != instance.number { letGo() }
        if self.half != half { appender = nil }
        self.half = half
        do {
            let connection = try connection ?? instance.database.connect()
            self.connection = connection
            let appender = try appender ?? EventAppender(connection: connection, half: half)
            self.appender = appender
            instanceNumber = instance.number
            return try body(connection, appender)
        } catch {
            appender = nil
            throw error
        }
    }

    /// Waits for a use under way, then closes the connection.
    func release() {
        lock.lock()
        defer { lock.unlock() }
        letGo()
    }

    private func letGo() {
        appender = nil
        connection = nil
    }
}
