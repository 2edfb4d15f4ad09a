package import ControlStore
import JSON
import Reports
package import Time

/// Forgets how an experience stood, and what was decided by it: it is looked at anew.
package struct ResultRemoval: ReportResults {
    private let store: ControlStore
    private let clock: WallClock

    package init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    package func forget(experienceID: Int64, projectID: Int64) async throws {
        // No traffic is as little, so that it is looked at anew; and whoever is looking at it now sees that it was overtaken.
        let never = ExperienceCounter(projectID: projectID, visitors: -1, conversions: -1)
        let forgotten = Evaluation(
            at: clock.now, never, ["act": "none", "reason": "Events were removed; it is about to be looked at anew."])
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM experience_results WHERE experience_id = ?", arguments: [experienceID])
            try forgotten.save(experienceID, in: database)
        }
    }
}
