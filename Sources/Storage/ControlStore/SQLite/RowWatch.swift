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
    package init(_ store: ControlStore, table: String) {
        observer = Observer(table)
        store.file.add(observer)
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
        private let table: String
        private let pending = Mutex(Set<Int64>())

        init(_ table: String) {
            self.table = table
        }

        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { kind.tableName == table }

        func databaseDidChange(with event: DatabaseEvent) {
            // One more than is told apart says that there are too many.
            _ = pending.withLock { $0.count > maximumRows ? (false, 0) : $0.insert(event.rowID) }
        }

        func databaseDidCommit(_ database: GRDB.Database) {
            let rows = takePending()
            if rows.isEmpty { return }
            committed.withLock { touched in
                guard case .rows(let before) = touched else { return }
                let all = before.union(rows)
                touched = all.count > maximumRows ? .all : .rows(all)
            }
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
