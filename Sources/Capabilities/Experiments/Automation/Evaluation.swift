import ControlStore
import JSON
import Reports
import Time

/// What is kept of how an experience stood when it was looked at last.
struct Evaluation: Sendable {
    var evaluatedAt: Timestamp
    /// The traffic by then.
    var traffic: ExperienceCounter
    var horizonPassedAt: Timestamp?
    var reallocatedAt: Timestamp?
    /// What the experience and its project said by then; nil where nobody knows.
    var basis: String?
    /// When it is to be looked at again though nobody comes and nothing is changed; nil for never.
    var dueAt: Timestamp?
    /// What was announced since the report was begun: it is told once.
    var announced: Set<Finding> = []
    /// What was decided, and why.
    var decision: JSONValue

    static func fetch(_ experienceID: Int64, from database: Database) throws -> Evaluation? {
        try database.row(
            sql: "SELECT * FROM experience_evaluations WHERE experience_id = ?", arguments: [experienceID]
        ).map(Evaluation.init(row:))
    }

    init(row: Row) throws {
        evaluatedAt = try row.read("evaluated_at")
        traffic = try ExperienceCounter(
            projectID: row.read("project_id"), visitors: row.read("visitors"), conversions: row.read("conversions"))
        horizonPassedAt = try row.read("horizon_passed_at")
        reallocatedAt = try row.read("reallocated_at")
        basis = try row.read("basis")
        dueAt = try row.read("due_at")
        announced = Set(
            try row.read("announced", as: String.self).split(separator: " ").compactMap { Finding(rawValue: "\($0)") })
        decision = try JSONValue(stored: row.read("decision", as: String.self))
    }

    init(at now: Timestamp, _ traffic: ExperienceCounter, _ decision: JSONValue) {
        evaluatedAt = now
        self.traffic = traffic
        self.decision = decision
    }

    /// An experience that is gone by now keeps none.
    func save(_ experienceID: Int64, in database: Database) throws {
        try database.executeUnlessOrphaned(
            sql: """
                INSERT INTO experience_evaluations (
                    experience_id, project_id, evaluated_at, visitors, conversions, decision, horizon_passed_at,
                    reallocated_at, basis, due_at, announced)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (experience_id) DO UPDATE SET
                    evaluated_at = excluded.evaluated_at, visitors = excluded.visitors,
                    conversions = excluded.conversions, decision = excluded.decision,
                    horizon_passed_at = excluded.horizon_passed_at, reallocated_at = excluded.reallocated_at,
                    basis = excluded.basis, due_at = excluded.due_at, announced = excluded.announced
                """,
            arguments: [
                experienceID, traffic.projectID, evaluatedAt, traffic.visitors, traffic.conversions,
                decision.encodedString, horizonPassedAt, reallocatedAt, basis, dueAt,
                announced.map(\.rawValue).sorted().joined(separator: " "),
            ])
    }
}
