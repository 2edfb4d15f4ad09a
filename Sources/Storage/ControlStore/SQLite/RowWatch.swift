import GRDB
import Synchronization

/// Tells which rows of a table were committed since somebody last looked, without asking the store.
///
/// It knows of this process only: at first anything may have been changed.
package final class RowWatch: Sendable {
    /// Rows that were added, changed or removed.
    package enum Touched: Sendable, Equatable {
        /// More than are told apart, or nobody knows which.
        case all
        /// By their ids.
        case rows(Set<Int64>)
    }

    private let observer: Observer

    /// Watches a table with an integer as primary key, as long as the watch lives.
    /// - Parameter whenMany: called on the writer's thread after a commit, while more than ``many`` rows wait to be taken.
    package init(_ store: ControlStore, table: String, whenMany: (@Sendable () -> Void)? = nil) {
        observer = Observer(table, whenMany)
        store.file.add(observer)
    }

    /// Rows that wait before somebody is called.
    package static let many = 2_000

    /// Whether it watches; otherwise it costs nothing. What waits is forgotten when it is turned off, and what a transaction
    /// has touched that was under way when it was turned on may be missing.
    package var isOn: Bool {
        get { observer.isOn.load(ordering: .acquiring) }
        set {
            observer.isOn.store(newValue, ordering: .releasing)
            if !newValue { observer.committed.withLock { $0 = .rows([]) } }
        }
    }

    /// What was touched since it was asked last.
    package func take() -> Touched {
        observer.committed.withLock { touched in
            defer { touched = .rows([]) }
            return touched
        }
    }

    /// Rows that are told apart.
    package static let maximumRows = 100_000

    /// GRDB holds it weakly.
    private final class Observer: TransactionObserver, Sendable {
        let committed = Mutex(Touched.all)
        let isOn = Atomic(true)
        private let table: String
        private let whenMany: (@Sendable () -> Void)?
        private let pending = Mutex(Set<Int64>())

        init(_ table: String, _ whenMany: (@Sendable () -> Void)?) {
            self.table = table
            self.whenMany = whenMany
        }

        // Asked for every statement that runs.
        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
            kind.tableName == table && isOn.load(ordering: .acquiring)
        }

        func databaseDidChange(with event: DatabaseEvent) {
            // One more than is told apart says that there are too many.
            _ = pending.withLock { $0.count > maximumRows ? (false, 0) : $0.insert(event.rowID) }
        }

        func databaseDidCommit(_ database: GRDB.Database) {
            let rows = takePending()
            if rows.isEmpty { return }
            let isMany = committed.withLock { touched in
                guard case .rows(let before) = touched else { return true }
                let all = before.union(rows)
                touched = all.count > maximumRows ? .all : .rows(all)
                return all.count > many
            }
            if isMany { whenMany?() }
        }

        func databaseDidRollback(_ database: GRDB.Database) { _ = takePending() }

        private func takePending() -> Set<Int64> {
            pending.withLock { pending in
                defer { pending = [] }
                return pending
            }
        }
    }
}
