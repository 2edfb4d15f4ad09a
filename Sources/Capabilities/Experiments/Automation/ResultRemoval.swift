package import ControlStore
import Reports

/// Forgets how an experience stood, and what was decided by it: it is looked at anew.
package struct ResultRemoval: ReportResults {
    private let store: ControlStore

    package init(store: ControlStore) {
        self.store = store
    }

    package func forget(experienceID: Int64) async throws {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM experience_results WHERE experience_id = ?", arguments: [experienceID])
            try database.execute(
                sql: "DELETE FROM experience_evaluations WHERE experience_id = ?", arguments: [experienceID])
        }
    }
}
