import Time

/// What a report reads where there is a summary: the summary, and of the log what lies behind it.
///
/// `fresh` are the events behind it, and `touched` the visitors whom they are of, with what the summary knows of them. Everybody
/// else is as the summary has them. `NOT IN` keeps the engine from building its table of those: it thinks that they are few.
extension ExperimentSQL {
    /// `exposed`, as ``visitors`` needs it, and what it is made of.
    func exposed(of summary: ExperimentSummary) -> String {
        let matching = condition == nil ? "" : ", first_matching"
        let leastMatching = condition == nil ? "" : ", min(first_matching) AS first_matching"
        return """
            \(profiles(of: summary))fresh AS MATERIALIZED (
                SELECT \(Self.halves("key")), event_type, occurred_at, goal_id, event_type = 'transaction' AS is_order, revenue, products,
                    CASE WHEN is_view THEN occurred_at END AS first_seen, CASE WHEN is_view THEN variation_id END AS variation_id
                    \(condition == nil ? "" : ", CASE WHEN is_view AND is_matching THEN occurred_at END AS first_matching")
                FROM (
                    SELECT md5_number(visitor_id) AS key, event_type, occurred_at, variation_id, goal_id, \(Self.amounts),
                        event_type = 'view_experience' AS is_view\(condition.map { ", (\($0)) AS is_matching" } ?? "")
                    FROM \(table)
                    WHERE \(scope) AND \(summary.content.behind)
                        AND (event_type = 'view_experience' AND variation_id IS NOT NULL
                            OR event_type IN ('conversion', 'transaction') AND goal_id IN (\(Self.list(query.goalIDs))))
                )
            ), known AS NOT MATERIALIZED (
                SELECT number AS visitor, high, low, first_seen, variation_id, other_variation_id
                    \(condition == nil ? "" : ", CASE WHEN \(isOfSegments(summary)) THEN first_seen END AS first_matching")
                FROM \(summary.source(.visitors))
            ), touched AS MATERIALIZED (
                SELECT high, low, coalesce(max(visitor), \(Self.firstNewNumber) + row_number() OVER ()) AS visitor,
                    min(first_seen) AS first_seen, min(variation_id) AS variation_id,
                    max(other_variation_id) AS other_variation_id\(leastMatching)
                FROM (
                    SELECT high, low, NULL::BIGINT AS visitor, first_seen, variation_id, variation_id AS other_variation_id\(matching)
                    FROM fresh
                    UNION ALL
                    SELECT high, low, visitor, first_seen, variation_id, other_variation_id\(matching)
                    FROM known SEMI JOIN (SELECT high, low FROM fresh) AS theirs USING (high, low)
                ) GROUP BY high, low
            ), exposed AS NOT MATERIALIZED (
                SELECT visitor, first_seen, variation_id, other_variation_id\(matching)
                FROM known WHERE visitor NOT IN (SELECT visitor FROM touched)
                UNION ALL
                SELECT visitor, first_seen, variation_id, other_variation_id\(matching) FROM touched
            )
            """
    }

    /// What visitors did, beside who they are.
    /// - Parameter toTouchedOnly: only what touched visitors did.
    func happened(of summary: ExperimentSummary, toTouchedOnly: Bool) -> String {
        let included =
            toTouchedOnly
            ? "(SELECT visitor, first_seen, variation_id FROM touched WHERE \(isIncluded))" : "included"
        return """
            SELECT variation_id, visitor, goal_id, occurred_at, is_order, revenue, products
                FROM (
                    SELECT number AS visitor, goal_id, occurred_at, is_order, revenue, products
                    FROM \(summary.source(.conversions)) WHERE goal_id IN (\(Self.list(query.goalIDs)))
                    UNION ALL
                    SELECT visitor, goal_id, occurred_at, is_order, revenue, products
                    FROM fresh JOIN (SELECT high, low, visitor FROM touched) AS theirs USING (high, low)
                    WHERE event_type <> 'view_experience'
                ) AS events JOIN \(included) AS included USING (visitor)
            """
    }

    /// Who reached which goal, of those who are as the summary has them.
    func converters(of summary: ExperimentSummary) -> String {
        let matching = condition == nil ? "" : " AND (\(isOfSegments(summary)))"
        return """
            SELECT variation_id, goal_id, orders, revenue, products
            FROM \(summary.source(.converters))
            WHERE number NOT IN (SELECT visitor FROM touched)
                AND goal_id IN (\(Self.list(query.goalIDs))) AND variation_id IN (\(Self.list(query.variationIDs)))
                AND \(isInRange)\(matching)
            """
    }

    /// `profiles`: those of the segments; nothing where all are.
    private func profiles(of summary: ExperimentSummary) -> String {
        condition.map {
            "profiles AS MATERIALIZED (SELECT DISTINCT profile FROM \(summary.source(.profiles)) WHERE \($0)),\n"
        } ?? ""
    }

    /// Whether a row of the summary is of somebody who was of the segments at the first view.
    private func isOfSegments(_ summary: ExperimentSummary) -> String {
        let one = "profile IN (SELECT profile FROM profiles)"
        guard summary.content.hasTies else { return one }
        return "\(one) OR number IN (SELECT number FROM \(summary.source(.ties)) WHERE \(one))"
    }

    /// The number that a visitor's id is made into, in two: files have no type for it.
    static func halves(_ number: String) -> String {
        "(\(number) >> 64)::UBIGINT AS high, (\(number) & 18446744073709551615)::UBIGINT AS low"
    }

    /// Visitors whom the summary does not know are counted from here on; it has no such numbers.
    private static let firstNewNumber: Int64 = 1 << 60
}
