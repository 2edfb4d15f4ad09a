import Time

extension ExperimentSQL {
    /// What the sums of numbers need: whole numbers that are small enough to be squared in parts.
    enum AmountLimit {
        /// Of an amount, in its own unit.
        static let units: Int64 = 1_000_000_000_000
        /// Of a whole number.
        static let number: Int64 = 1_000_000_000_000_000_000
    }

    /// The columns of an event, as whole numbers; NULL where there are none.
    static var amounts: String {
        let (limit, largest) = (AmountLimit.units.description, AmountLimit.number.description)
        return """
            CASE WHEN isfinite(revenue) THEN CAST(round(least(greatest(revenue, -\(limit)), \(limit)) * 1000000)
                        AS BIGINT) END AS revenue,
                    CASE WHEN products_count IS NOT NULL THEN least(greatest(products_count, -\(largest)), \(largest))
                        END AS products
            """
    }

    /// What all events of a visitor come to.
    /// - Parameter term: of one event.
    static func sum(of column: String, by term: String) -> String {
        let largest = AmountLimit.number.description
        return "CAST(least(greatest(coalesce(sum(\(term)), 0), -\(largest)), \(largest)) AS BIGINT) AS \(column)"
    }

    /// Whether amounts may be brought to bounds.
    var hasBounds: Bool { query.revenueBounds != .none || query.productsBounds != .none }

    var hasPercentiles: Bool {
        [query.revenueBounds, query.productsBounds].contains { if case .percentiles = $0 { true } else { false } }
    }

    var joinedBounds: String { hasPercentiles ? " JOIN bounds USING (goal_id)" : "" }

    static func percentiles(_ column: String, _ bounds: AmountBounds) -> [String] {
        guard case .percentiles(let least, let most) = bounds else { return [] }
        return [("least", least), ("most", most)].compactMap { name, percent in
            guard let percent, percent.isFinite else { return nil }
            let part = min(max(percent, 0), 100) / 100
            return "CAST(round(quantile_cont(\(column), \(part)) FILTER (WHERE \(column) <> 0)) AS BIGINT) "
                + "AS \(column)_\(name)"
        }
    }

    /// A column's number, or the bound that it is beyond; NULL where there is none.
    func bounded(_ column: String) -> String {
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

    static func sums(of column: String) -> [String] {
        let (high, low) = (high(column), low(column))
        return ["sum(\(column))", "sum(\(high) * \(high))", "sum(\(high) * \(low))", "sum(\(low) * \(low))"]
    }

    /// The parts of ``AmountProducts``.
    static func products(of first: String, and second: String) -> [String] {
        let sign = "sign(\(first)) * sign(\(second))"
        return [
            "sum(\(sign) * (\(high(first)) * \(high(second))))",
            "sum(\(sign) * (\(high(first)) * \(low(second)) + \(low(first)) * \(high(second))))",
            "sum(\(sign) * (\(low(first)) * \(low(second))))",
        ]
    }

    private static func high(_ column: String) -> String { "(abs(\(column)) >> \(AmountProducts.cut))" }

    private static func low(_ column: String) -> String { "(abs(\(column)) & \((1 << AmountProducts.cut) - 1))" }

    static func list(_ ids: [Int64]) -> String {
        // No id is negative: an empty list finds nothing.
        ids.isEmpty ? "-1" : ids.map(String.init).joined(separator: ", ")
    }

    static func time(_ time: Timestamp) -> String { "make_timestamp(\(time.microseconds))" }
}
