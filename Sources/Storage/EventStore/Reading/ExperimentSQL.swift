import DuckDB
import Time

/// The SQL behind reports.
struct ExperimentSQL {
    let query: ExperimentQuery
    /// What the log of experiment events is called.
    let table: String
    /// Whether texts stand in the statement itself, for people to read, instead of beside it.
    let isReadable: Bool
    private(set) var parameters: [Value] = []

    init(_ query: ExperimentQuery, table: String = ExposureTable.name, isReadable: Bool = false) {
        self.query = query
        self.table = table
        self.isReadable = isReadable
    }

    /// Counts of visitors, and sums of what they did. Its rows are of three kinds:
    ///
    /// | kind | variation | part | count | the rest |
    /// |---|---|---|---|---|
    /// | 0 | - | - | visitors left out | - |
    /// | 1 | variation | period | visitors | - |
    /// | 2 | variation | goal | converters | orders; of revenue and products: sum, and the parts of the squares |
    mutating func counts() -> String {
        let sums = ["revenue", "products"].flatMap(Self.sums(of:)).joined(separator: ", ")
        let nothing = (0..<9).map { _ in "NULL" }.joined(separator: ", ")
        return """
            \(visitors()),
            \(conversions(isReadTwice: hasPercentiles)),
            \(converters())
            SELECT 0, NULL, NULL, count(*), \(nothing) FROM exposed
            WHERE \(isCounted) AND variation_id <> other_variation_id
            UNION ALL
            SELECT 1, variation_id, \(period), count(*), \(nothing) FROM included GROUP BY ALL
            UNION ALL
            SELECT 2, variation_id, goal_id, count(*), sum(orders), \(sums) FROM converters GROUP BY variation_id, goal_id
            """
    }

    /// New visitors, conversions and sums of orders by day and variation, of one goal:
    /// kind (1 visitors, 2 conversions, 3 orders), variation, day, count, revenue, products.
    /// - Parameter offset: of days from those of UTC, in seconds.
    mutating func days(offset: Int64) -> String {
        func day(_ column: String) -> String {
            "CAST(floor((epoch_us(\(column)) + \(offset.multipliedReportingOverflow(by: 1_000_000).partialValue)) / "
                + "86400000000) AS BIGINT)"
        }
        return """
            \(visitors()),
            \(conversions(isReadTwice: true))
            SELECT 1, variation_id, \(day("first_seen")), count(*), NULL, NULL FROM included GROUP BY ALL
            UNION ALL
            SELECT 2, variation_id, \(day("reached_at")), count(*), NULL, NULL FROM (
                SELECT variation_id, min(occurred_at) AS reached_at FROM conversions GROUP BY variation_id, visitor
            ) GROUP BY ALL
            UNION ALL
            SELECT 3, variation_id, \(day("occurred_at")), count(*), sum(\(bounded("revenue"))), sum(\(bounded("products")))
            FROM conversions\(joinedBounds) WHERE is_order GROUP BY ALL
            """
    }

    // MARK: parts

    /// `exposed`: everybody who saw anything before the end; `included`: those who count.
    ///
    /// Visitors go by 16 bytes that their ids are made into: ids are texts of any length, and with those of millions the engine
    /// has no room and goes to the disk. Two visitors who have the same ones are not to be found by chance.
    private mutating func visitors() -> String {
        let matching = condition.map { ",\n        min(occurred_at) FILTER (WHERE \($0)) AS first_matching" } ?? ""
        return """
            WITH exposed AS MATERIALIZED (
                SELECT \(Self.visitor), min(occurred_at) AS first_seen, min(variation_id) AS variation_id,
                    max(variation_id) AS other_variation_id\(matching)
                FROM \(table)
                WHERE \(scope) AND event_type = 'view_experience' AND variation_id IS NOT NULL
                GROUP BY visitor
            ), included AS NOT MATERIALIZED (
                SELECT visitor, first_seen, variation_id FROM exposed
                WHERE \(isCounted) AND variation_id = other_variation_id AND variation_id IN (\(Self.list(query.variationIDs)))
            )
            """
    }

    /// `conversions`: what they did about the goals, amounts as whole numbers; `bounds`: of outliers, where they follow from
    /// the amounts.
    private func conversions(isReadTwice: Bool) -> String {
        let limit = AmountLimit.units.description
        let largest = AmountLimit.number.description
        let conversions = """
            conversions AS \(isReadTwice ? "MATERIALIZED" : "NOT MATERIALIZED") (
                SELECT variation_id, visitor, goal_id, occurred_at, event_type = 'transaction' AS is_order,
                    CASE WHEN isfinite(revenue) THEN CAST(round(least(greatest(revenue, -\(limit)), \(limit)) * 1000000)
                        AS BIGINT) END AS revenue,
                    CASE WHEN products_count IS NOT NULL THEN least(greatest(products_count, -\(largest)), \(largest))
                        END AS products
                FROM (
                    SELECT \(Self.visitor), goal_id, occurred_at, event_type, revenue, products_count
                    FROM \(table)
                    WHERE \(scope) AND event_type IN ('conversion', 'transaction')
                        AND goal_id IN (\(Self.list(query.goalIDs)))
                ) AS events JOIN included USING (visitor)
                WHERE occurred_at >= first_seen
            )
            """
        guard hasPercentiles else { return conversions }
        let columns = [("revenue", query.revenueBounds), ("products", query.productsBounds)].flatMap {
            Self.percentiles($0, $1)
        }
        return """
            \(conversions), bounds AS (
                SELECT goal_id, \(columns.joined(separator: ", ")) FROM conversions GROUP BY goal_id
            )
            """
    }

    /// `converters`: who reached which goal, with the sums of their orders.
    private func converters() -> String {
        let sums = ["revenue", "products"].map { column in
            let largest = AmountLimit.number.description
            return "CAST(least(greatest(coalesce(sum(\(bounded(column))), 0), -\(largest)), \(largest)) AS BIGINT) "
                + "AS \(column)"
        }.joined(separator: ",\n        ")
        return """
            converters AS (
                SELECT variation_id, goal_id, count(*) FILTER (WHERE is_order) AS orders,
                    \(sums)
                FROM conversions\(joinedBounds) GROUP BY variation_id, goal_id, visitor
            )
            """
    }

    private static let visitor = "md5_number(visitor_id) AS visitor"

    private var scope: String {
        "project_id = \(query.projectID) AND experience_id = \(query.experienceID) AND occurred_at < \(Self.time(query.end))"
    }

    /// Whether somebody's first view is one that counts.
    private var isCounted: String {
        let isInRange = "first_seen >= \(Self.time(query.start))"
        return query.segments == ExperimentSegments() ? isInRange : "\(isInRange) AND first_matching = first_seen"
    }

    private var period: String {
        query.boundaries.isEmpty
            ? "0" : query.boundaries.map { "(first_seen >= \(Self.time($0)))::INTEGER" }.joined(separator: " + ")
    }

    /// What a row of the table must hold to be of the segments; nil when they ask for nothing.
    private var condition: String? {
        mutating get {
            let segments = query.segments
            var conditions: [String] = []
            for (column, values) in [
                ("browser", segments.browsers), ("country", segments.countries),
                ("visitor_type", segments.visitorTypes), ("campaign", segments.campaigns),
            ] where !values.isEmpty {
                conditions.append("list_contains(\(texts(values)), \(column))")
            }
            for (column, values) in [("devices", segments.devices), ("sources", segments.sources)] where !values.isEmpty
            {
                conditions.append("list_has_any(\(column), \(texts(values)))")
            }
            if !segments.customSegments.isEmpty {
                conditions.append("list_has_any(custom_segments, [\(Self.list(segments.customSegments))]::BIGINT[])")
            }
            return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
        }
    }

    private mutating func texts(_ values: [String]) -> String {
        guard isReadable else {
            parameters.append(.strings(values))
            return "$\(parameters.count)"
        }
        return "[" + values.map { "'" + Self.quoted($0) + "'" }.joined(separator: ", ") + "]"
    }

    /// Quotes double, byte by byte: a mark after one does not hide it.
    private static func quoted(_ text: String) -> String {
        let quote = UInt8(ascii: "'")
        return String(decoding: text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }, as: UTF8.self)
    }
}

// MARK: amounts
extension ExperimentSQL {
    /// What the sums of numbers need: whole numbers that are small enough to be squared in parts.
    private enum AmountLimit {
        /// Of an amount, in its own unit.
        static let units: Int64 = 1_000_000_000_000
        /// Of a whole number.
        static let number: Int64 = 1_000_000_000_000_000_000
    }

    private var hasPercentiles: Bool {
        [query.revenueBounds, query.productsBounds].contains { if case .percentiles = $0 { true } else { false } }
    }

    private var joinedBounds: String { hasPercentiles ? " JOIN bounds USING (goal_id)" : "" }

    private static func percentiles(_ column: String, _ bounds: AmountBounds) -> [String] {
        guard case .percentiles(let least, let most) = bounds else { return [] }
        return [("least", least), ("most", most)].compactMap { name, percent in
            guard let percent, percent.isFinite else { return nil }
            let part = min(max(percent, 0), 100) / 100
            return "CAST(round(quantile_cont(\(column), \(part)) FILTER (WHERE \(column) <> 0)) AS BIGINT) "
                + "AS \(column)_\(name)"
        }
    }

    /// A column's number, or the bound that it is beyond; NULL where there is none.
    private func bounded(_ column: String) -> String {
        let bounds = column == "revenue" ? query.revenueBounds : query.productsBounds
        let scale = column == "revenue" ? ExperimentCounts.revenueScale : 1
        func number(_ value: Double?) -> String? {
            value.flatMap { value in
                guard !value.isNaN else { return nil }
                let largest = Double(AmountLimit.number)
                return Int64(exactly: min(max((value * scale).rounded(), -largest), largest)).map { "\($0)" }
            }
        }
        let (least, most): (String?, String?) =
            switch bounds {
            case .none: (nil, nil)
            case .values(let least, let most): (number(least), number(most))
            case .percentiles(let least, let most):
                (least.map { _ in "\(column)_least" }, most.map { _ in "\(column)_most" })
            }
        var term = column
        // These pass over NULL, which must stay what it is.
        if let least { term = "greatest(\(term), \(least))" }
        if let most { term = "least(\(term), \(most))" }
        return term == column ? term : "CASE WHEN \(column) IS NOT NULL THEN \(term) END"
    }

    private static func sums(of column: String) -> [String] {
        let (high, low) = ("(abs(\(column)) >> 30)", "(abs(\(column)) & 1073741823)")
        return ["sum(\(column))", "sum(\(high) * \(high))", "sum(\(high) * \(low))", "sum(\(low) * \(low))"]
    }

    private static func list(_ ids: [Int64]) -> String {
        // No id is negative: an empty list finds nothing.
        ids.isEmpty ? "-1" : ids.map(String.init).joined(separator: ", ")
    }

    private static func time(_ time: Timestamp) -> String { "make_timestamp(\(time.microseconds))" }
}
