import DuckDB
import Time

/// The SQL behind reports.
struct ExperimentSQL {
    let query: ExperimentQuery
    /// What the log of experiment events is called.
    let table: String
    /// Whether texts stand in the statement itself, for people to read, instead of beside it.
    let isReadable: Bool
    /// What is read instead of the log up to its position; nil for nothing but the log.
    let summary: ExperimentSummary?
    /// What stands beside the statement.
    private(set) var parameters: [Value] = []
    /// What a row of the table must hold to be of the segments; nil when they ask for nothing.
    private(set) var condition: String?

    init(
        _ query: ExperimentQuery, table: String = ExposureTable.name, isReadable: Bool = false,
        summary: ExperimentSummary? = nil
    ) {
        self.query = query
        self.table = table
        self.isReadable = isReadable
        self.summary = summary
        condition = makeCondition()
    }

    /// Counts of visitors, and sums of what they did. Its rows are of three kinds:
    ///
    /// | kind | variation | part | count | the rest |
    /// |---|---|---|---|---|
    /// | 0 | - | - | visitors left out | - |
    /// | 1 | variation | period | visitors | - |
    /// | 2 | variation | goal | converters | orders; of revenue and products: sum, and the parts of the squares |
    var counts: String {
        let sums = ["revenue", "products"].flatMap(Self.sums(of:)).joined(separator: ", ")
        let nothing = (0..<9).map { _ in "NULL" }.joined(separator: ", ")
        // What a visitor has bought is known as long as no order is brought to a bound.
        let kept = hasBounds ? nil : summary
        return """
            \(visitors), seen AS MATERIALIZED (
                SELECT variation_id <> other_variation_id AS is_excluded, variation_id, \(period) AS period, count(*) AS visitors
                FROM exposed WHERE \(isCounted) GROUP BY ALL
            ),
            \(conversions(isReadTwice: hasPercentiles, ofTouchedOnly: kept != nil)),
            \(converters(besides: kept))
            SELECT 0, NULL, NULL, coalesce(sum(visitors), 0)::BIGINT, \(nothing) FROM seen WHERE is_excluded
            UNION ALL
            SELECT 1, variation_id, period, visitors, \(nothing) FROM seen
            WHERE NOT is_excluded AND variation_id IN (\(Self.list(query.variationIDs)))
            UNION ALL
            SELECT 2, variation_id, goal_id, count(*), sum(orders), \(sums) FROM converters GROUP BY variation_id, goal_id
            """
    }

    /// New visitors, conversions and sums of orders by day and variation, of one goal:
    /// kind (1 visitors, 2 conversions, 3 orders), variation, day, count, revenue, products.
    /// - Parameter offset: of days from those of UTC, in seconds.
    func days(offset: Int64) -> String {
        func day(_ column: String) -> String {
            "CAST(floor((epoch_us(\(column)) + \(offset.multipliedReportingOverflow(by: 1_000_000).partialValue)) / "
                + "86400000000) AS BIGINT)"
        }
        return """
            \(visitors),
            \(conversions(isReadTwice: true, ofTouchedOnly: false))
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
    var visitors: String {
        """
        WITH \(summary.map(exposed(of:)) ?? exposedOfLog), included AS NOT MATERIALIZED (
            SELECT visitor, first_seen, variation_id FROM exposed WHERE \(isIncluded)
        )
        """
    }

    /// Visitors go by 16 bytes that their ids are made into: ids are texts of any length, and with those of millions the engine
    /// has no room and goes to the disk. Two visitors who have the same ones are not to be found by chance.
    private var exposedOfLog: String {
        let matching = condition.map { ",\n        min(occurred_at) FILTER (WHERE \($0)) AS first_matching" } ?? ""
        return """
            exposed AS MATERIALIZED (
                SELECT \(Self.visitor), min(occurred_at) AS first_seen, min(variation_id) AS variation_id,
                    max(variation_id) AS other_variation_id\(matching)
                FROM \(table)
                WHERE \(scope) AND event_type = 'view_experience' AND variation_id IS NOT NULL
                GROUP BY visitor
            )
            """
    }

    /// `conversions`: what they did about the goals, amounts as whole numbers; `bounds`: of outliers, where they follow from
    /// the amounts.
    /// - Parameter ofTouchedOnly: only of visitors of whom there is something behind the summary.
    func conversions(isReadTwice: Bool, ofTouchedOnly: Bool) -> String {
        let source = summary.map { happened(of: $0, toTouchedOnly: ofTouchedOnly) } ?? happenedInLog
        let conversions = """
            conversions AS \(isReadTwice ? "MATERIALIZED" : "NOT MATERIALIZED") (
                \(source)
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

    private var happenedInLog: String {
        """
        SELECT variation_id, visitor, goal_id, occurred_at, event_type = 'transaction' AS is_order,
                \(Self.amounts)
            FROM (
                SELECT \(Self.visitor), goal_id, occurred_at, event_type, revenue, products_count
                FROM \(table)
                WHERE \(scope) AND event_type IN ('conversion', 'transaction')
                    AND goal_id IN (\(Self.list(query.goalIDs)))
            ) AS events JOIN included USING (visitor)
        """
    }

    /// `converters`: who reached which goal, with the sums of their orders.
    /// - Parameter summary: where others are whom `conversions` leaves out.
    private func converters(besides summary: ExperimentSummary?) -> String {
        let others = summary.map { "\nUNION ALL\n\(converters(of: $0))" } ?? ""
        return """
            converters AS (
                SELECT variation_id, goal_id, count(*) FILTER (WHERE is_order) AS orders,
                    \(Self.sum(of: "revenue", by: bounded("revenue"))),
                    \(Self.sum(of: "products", by: bounded("products")))
                FROM conversions\(joinedBounds) GROUP BY variation_id, goal_id, visitor\(others)
            )
            """
    }

    static let visitor = "md5_number(visitor_id) AS visitor"

    /// Which events of the log are meant.
    var scope: String {
        "project_id = \(query.projectID) AND experience_id = \(query.experienceID) AND occurred_at < \(Self.time(query.end))"
    }

    /// Whether somebody's first view is one that counts.
    var isCounted: String {
        condition == nil ? isInRange : "\(isInRange) AND first_matching = first_seen"
    }

    /// Whether it lies in the range.
    var isInRange: String { "first_seen >= \(Self.time(query.start))" }

    /// Whether somebody counts.
    var isIncluded: String {
        "\(isCounted) AND variation_id = other_variation_id AND variation_id IN (\(Self.list(query.variationIDs)))"
    }

    private var period: String {
        query.boundaries.isEmpty
            ? "0" : query.boundaries.map { "(first_seen >= \(Self.time($0)))::INTEGER" }.joined(separator: " + ")
    }

    private mutating func makeCondition() -> String? {
        let segments = query.segments
        var conditions: [String] = []
        for (column, values) in [
            ("browser", segments.browsers), ("country", segments.countries),
            ("visitor_type", segments.visitorTypes), ("campaign", segments.campaigns),
        ] where !values.isEmpty {
            conditions.append("list_contains(\(texts(values)), \(column))")
        }
        for (column, values) in [("devices", segments.devices), ("sources", segments.sources)] where !values.isEmpty {
            conditions.append("list_has_any(\(column), \(texts(values)))")
        }
        if !segments.customSegments.isEmpty {
            conditions.append("list_has_any(custom_segments, [\(Self.list(segments.customSegments))]::BIGINT[])")
        }
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    private mutating func texts(_ values: [String]) -> String {
        guard isReadable else {
            parameters.append(.strings(values))
            return "$\(parameters.count)"
        }
        return "[" + values.map { "'" + Self.quoted($0) + "'" }.joined(separator: ", ") + "]"
    }

    /// Quotes double, byte by byte: a mark after one does not hide it.
    static func quoted(_ text: String) -> String {
        let quote = UInt8(ascii: "'")
        return String(decoding: text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }, as: UTF8.self)
    }
}
