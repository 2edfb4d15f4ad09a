import Logging
import Metrics
import Synchronization

/// Rows that were left out because they cannot be read. Some are come across every few seconds: each is told of once in a
/// process, in the log and in `sextant_unreadable_rows_total`.
enum UnreadableRows {
    private struct Subject: Hashable {
        let kind: String
        /// Nil where the row was read without its id: then one stands for all of whom the same is said.
        let id: Int64?
        let reason: String
    }

    /// Rows that are told of: with more, the first say it all.
    private static let most = 10_000
    private static let told = Mutex<Set<Subject>>([])

    /// - Parameter kind: what a row is, in the log and as the label `kind`.
    /// - Returns: whether it was told of just now.
    @discardableResult
    static func note(_ row: Row, kind: String, _ error: any Error) -> Bool {
        let id = try? row.read("id", as: Int64.self)
        let subject = Subject(kind: kind, id: id, reason: "\(error)")
        let isNew = told.withLock { $0.count < most && $0.insert(subject).inserted }
        guard isNew else { return false }
        Counter(label: "sextant_unreadable_rows_total", dimensions: [("kind", kind)]).increment()
        var metadata: Logger.Metadata = ["kind": "\(kind)", "reason": "\(error)"]
        if let id { metadata["id"] = "\(id)" }
        Logger(label: "sextant").error("left out a row that cannot be read", metadata: metadata)
        return true
    }
}
