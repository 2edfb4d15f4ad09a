package import ControlStore
package import JSON
import Reports
package import Resources

/// How experiences stand, as lists show it and sort by it.
package struct ResultStore: ExperienceResults {
    package init() {}

    package func shown(of experiences: [Int64], goal: Int64?, in database: Database) throws -> [Int64: JSONValue] {
        let rows = try database.rows(
            sql: """
                SELECT experience_id, shown FROM experience_results
                WHERE experience_id IN \(SQL.list("?")) AND \(Self.condition(goal))
                """,
            arguments: [ListArgument(experiences)] + Self.arguments(goal))
        let shown = rows.readable("result") { row -> (Int64, JSONValue) in
            try (row.read("experience_id"), JSONValue(stored: row.read("shown", as: String.self)))
        }
        return Dictionary(shown) { first, _ in first }
    }

    package func sorted(
        _ sort: ExperienceResultSort, projectIDs: [Int64], goal: Int64?, in database: Database
    ) throws -> [Int64: Double] {
        let rows = try database.rows(
            sql: """
                SELECT experience_id, conversions, improvement FROM experience_results
                WHERE project_id IN \(SQL.list("?")) AND \(Self.condition(goal))
                """,
            arguments: [ListArgument(projectIDs)] + Self.arguments(goal))
        let values = rows.readable("result") { row -> (Int64, Double)? in
            guard let value = try row.read(sort.rawValue, as: Double?.self) else { return nil }
            return try (row.read("experience_id"), value)
        }
        return Dictionary(values) { first, _ in first }
    }

    private static func condition(_ goal: Int64?) -> String { goal == nil ? "is_primary" : "goal_id = ?" }

    private static func arguments(_ goal: Int64?) -> Arguments { goal.map { [$0] } ?? [] }

    /// Keeps how an experience stands in place of how it stood. One that is gone by now stands no more.
    func save(_ conclusion: Conclusion, of experienceID: Int64, projectID: Int64, in database: Database) throws {
        try database.execute(
            prepared: "DELETE FROM experience_results WHERE experience_id = ?", arguments: [experienceID])
        for goal in conclusion.goals {
            try database.executeUnlessOrphaned(
                sql: """
                    INSERT INTO experience_results (
                        experience_id, goal_id, project_id, is_primary, conversions, improvement, shown)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    experienceID, goal.goalID, projectID, goal.goalID == conclusion.primaryGoalID, goal.conversions,
                    goal.improvement, Self.shown(goal, conclusion).encodedString,
                ])
        }
    }

    /// Contract schema `ExperienceExtended`, member `stats`.
    private static func shown(_ goal: GoalConclusion, _ conclusion: Conclusion) -> JSONValue {
        let variations = goal.variations.map { variation -> JSONValue in
            var members = JSONObject([
                ("variation_id", .integer(variation.variationID)),
                ("probability_beat_control", .double(variation.chance)),
                ("test_result", .string(variation.result.rawValue)),
                ("revenue_per_visitor", variation.revenuePerVisitor.map { .double($0) } ?? .null),
                (
                    "mab_allocation",
                    conclusion.rules.reallocates
                        ? conclusion.weights[variation.variationID].map { .double($0) } ?? 0 : .null
                ),
            ])
            if let improvement = variation.improvement { members["improvement"] = .double(improvement) }
            return .object(members)
        }
        return [
            "goal_id": .integer(goal.goalID), "conversions": .integer(goal.conversions),
            "visitors": .integer(goal.visitors), "variations_observed_results": .array(variations),
        ]
    }
}
