import Foundation

extension ConnectionPool {
    /// For a pool whose database has failed: refuses new and waiting callers, stops the running statements, waits for the
    /// bodies to end, and closes the connections. Blocks; a body that never ends keeps its connection.
    ///
    /// - Parameter seconds: how long to wait for the bodies.
    public func retire(within seconds: Double = 30) {
        queue.close()
        let deadline = Date().addingTimeInterval(seconds)
        while queue.interruptTaken() > 0, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
    }
}
