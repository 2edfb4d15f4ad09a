import GRDB
import Synchronization

/// Tells whether anything was committed to some tables since somebody last looked, without asking the store.
package final class TableWatch: Sendable {
    private let observer: Observer

    /// Watches the store's tables as long as the watch lives.
    /// - Parameter ignored: columns of which changes alone are no matter.
    package init(_ store: ControlStore, tables: Set<String>, except ignored: Set<String> = []) {
        observer = Observer(tables, ignored)
        store.file.add(observer)
    }

    /// Goes up with every such commit, before the commit's caller learns of it.
    package var count: Int { observer.commits.load(ordering: .acquiring) }

    /// GRDB holds it weakly.
    private final class Observer: TransactionObserver, Sendable {
        let commits = Atomic<Int>(0)
        private let tables: Set<String>
        private let ignored: Set<String>
        private let isTouched = Mutex(false)

        init(_ tables: Set<String>, _ ignored: Set<String>) {
            self.tables = tables
            self.ignored = ignored
        }

        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
            guard tables.contains(kind.tableName) else { return false }
            guard case .update(_, let columns) = kind else { return true }
            return !columns.isSubset(of: ignored)
        }

        func databaseDidChange(with event: DatabaseEvent) { isTouched.withLock { $0 = true } }

        func databaseDidCommit(_ database: GRDB.Database) {
            let isTouched = isTouched.withLock { touched in
                defer { touched = false }
                return touched
            }
            if isTouched { commits.add(1, ordering: .releasing) }
        }

        func databaseDidRollback(_ database: GRDB.Database) { isTouched.withLock { $0 = false } }
    }
}
