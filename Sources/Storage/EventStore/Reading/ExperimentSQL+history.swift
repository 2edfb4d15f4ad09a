/// What visitors did before they saw the experience, beside what they did from then on.
extension ExperimentSQL {
    /// Sums of pairs of amounts, of each visitor one: amount (see ``CountedAmount``), variation, goal, visitors who had any before;
    /// of the outcome and of the amount before: sum, and the parts of the squares; the parts of the products. Rows
    /// without an amount are the variations' visitors.
    ///
    /// Events before the first view count whichever experience they were for, each once: a goal is the project's.
    /// - Parameter days: how long before the first view a visitor's history begins; positive.
    func covariates(days: Int) -> String {
        let amounts = CountedAmount.allCases.map { amount in
            let (outcome, before) = (Self.column(amount), "\(Self.column(amount))_before")
            let sums = Self.sums(of: outcome) + Self.sums(of: before) + Self.products(of: outcome, and: before)
            return """
                SELECT \(amount.rawValue), variation_id, goal_id, count(*) FILTER (WHERE \(before) <> 0), \(sums.joined(separator: ", "))
                FROM pairs GROUP BY variation_id, goal_id
                """
        }
        let nothing = (0..<11).map { _ in "NULL" }.joined(separator: ", ")
        let unions = amounts.joined(separator: "\nUNION ALL\n")
        return """
            \(visitors),
            \(conversions(isReadTwice: true, ofTouchedOnly: false)),
            earlier AS (
                SELECT DISTINCT exposure_id, variation_id, visitor, goal_id, revenue, products
                FROM (
                    SELECT exposure_id, \(Self.visitor), goal_id, occurred_at, \(Self.amounts)
                    FROM \(table)
                    WHERE project_id = \(query.projectID) AND event_type IN ('conversion', 'transaction')
                        AND goal_id IN (\(Self.list(query.goalIDs))) AND occurred_at < \(Self.time(query.end))
                        AND occurred_at >= (SELECT min(first_seen) FROM included) - INTERVAL (\(days)) DAY
                ) AS events JOIN included USING (visitor)
                WHERE occurred_at < first_seen AND occurred_at >= first_seen - INTERVAL (\(days)) DAY
            ),
            pairs AS MATERIALIZED (
                SELECT variation_id, goal_id, max(1 - is_earlier) AS conversions, max(is_earlier) AS conversions_before,
                    \(pairedSums.joined(separator: ",\n        "))
                FROM (
                    SELECT variation_id, visitor, goal_id, revenue, products, 0::BIGINT AS is_earlier FROM conversions
                    UNION ALL
                    SELECT variation_id, visitor, goal_id, revenue, products, 1::BIGINT FROM earlier
                ) AS happened\(hasPercentiles ? " LEFT JOIN bounds USING (goal_id)" : "")
                GROUP BY variation_id, goal_id, visitor
            )
            SELECT NULL, variation_id, NULL, count(*), \(nothing) FROM included GROUP BY variation_id
            UNION ALL
            \(unions)
            """
    }

    /// An order before is brought to the same bounds as one after.
    private var pairedSums: [String] {
        ["revenue", "products"].flatMap { column in
            [("", 0), ("_before", 1)].map { ending, isEarlier in
                Self.sum(of: column + ending, by: "CASE WHEN is_earlier = \(isEarlier) THEN \(bounded(column)) END")
            }
        }
    }

    private static func column(_ amount: CountedAmount) -> String {
        switch amount {
        case .conversions: "conversions"
        case .revenue: "revenue"
        case .products: "products"
        }
    }
}
