package import GRDB
import Synchronization

/// Tells whether anything was committed to some tables since somebody last looked, without asking the store.
package final class TableWatch: TransactionObserver, Sendable {
    private let tables: Set<String>
    private let isTouched = Mutex(false)
    private let commits = Atomic<Int>(0)

    /// Watches the store's tables as long as the watch lives.
    package init(_ store: ControlStore, tables: Set<String>) {
        self.tables = tables
        store.database.add(transactionObserver: self)
    }

    /// Goes up with every such commit, before the commit's caller learns of it.
    package var count: Int { commits.load(ordering: .acquiring) }

    package func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { tables.contains(kind.tableName) }

    package func databaseDidChange(with event: DatabaseEvent) { isTouched.withLock { $0 = true } }

    package func databaseDidCommit(_ database: Database) {
        let isTouched = isTouched.withLock { touched in
            defer { touched = false }
            return touched
        }
        if isTouched { commits.add(1, ordering: .releasing) }
    }

    package func databaseDidRollback(_ database: Database) { isTouched.withLock { $0 = false } }
}
