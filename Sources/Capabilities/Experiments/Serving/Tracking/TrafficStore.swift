public import ControlStore
import EventStore

/// How many visitors experiences have had, and how often goals were reached in them: counted as events are stored, so
/// that nobody has to count what is stored.
public struct TrafficStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// By the experience's id; those without any are left out.
    public func traffic(projectID: Int64) async throws -> [Int64: (visitors: Int64, conversions: Int64)] {
        try await store.read { database in
            var traffic: [Int64: (visitors: Int64, conversions: Int64)] = [:]
            let rows = try database.cursor(
                sql: "SELECT * FROM experience_traffic WHERE project_id = ?", arguments: [projectID])
            while let row = try rows.next() {
                try traffic[row.read("experience_id")] = (
                    row.read("visitors"), row.read("conversions")
                )
            }
            return traffic
        }
    }
}

/// What some events add to the traffic of experiences.
struct AddedTraffic {
    private var added: [Int64: (projectID: Int64, visitors: Int64, conversions: Int64)] = [:]

    mutating func count(_ kept: TrackingDecision.Kept, projectID: Int64) {
        for assignment in kept.assignments {
            var sum = added[assignment.experienceID] ?? (projectID, 0, 0)
            if kept.kind == .viewExperience {
                sum.visitors += kept.isNewVisitor ? 1 : 0
            } else if kept.kind == .conversion {
                // A transaction has one beside it, or has had one.
                sum.conversions += 1
            }
            added[assignment.experienceID] = sum
        }
    }

    /// An experience that is gone by now has none.
    func save(in database: Database) throws {
        for (experienceID, sum) in added {
            try database.execute(
                sql: """
                    INSERT INTO experience_traffic (experience_id, project_id, visitors, conversions)
                    SELECT id, project_id, ?3, ?4 FROM resources WHERE id = ?1 AND project_id = ?2
                    ON CONFLICT DO UPDATE SET
                        visitors = visitors + excluded.visitors, conversions = conversions + excluded.conversions
                    """,
                arguments: [experienceID, sum.projectID, sum.visitors, sum.conversions])
        }
    }
}
