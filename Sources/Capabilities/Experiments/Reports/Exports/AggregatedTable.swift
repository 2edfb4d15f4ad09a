import JSON

/// An aggregated report in rows: one for each goal, variation and metric.
struct AggregatedTable {
    let names: ReportNames

    /// Of both kinds of statistics; those of the other kind stay empty.
    static let table = ReportTable(
        columns: ReportNames.columns + [
            ReportTable.Column(name: "visitors", title: "Visitors"),
            ReportTable.Column(name: "metric_type", title: "Metric"),
            ReportTable.Column(name: "metric_total", title: "Total"),
            ReportTable.Column(name: "metric_value", title: "Value"),
            ReportTable.Column(name: "metric_change", title: "Change"),
            ReportTable.Column(name: "metric_interval", title: "Interval"),
            ReportTable.Column(name: "confidence", title: "Confidence"),
            ReportTable.Column(name: "statistically_significant", title: "Significant"),
            ReportTable.Column(name: "estimated_progress", title: "Progress"),
            ReportTable.Column(name: "remaining_samples", title: "Remaining samples"),
            ReportTable.Column(name: "observed_power", title: "Observed power"),
            ReportTable.Column(name: "powerful", title: "Powerful"),
            ReportTable.Column(name: "chance_to_win", title: "Chance to win"),
            ReportTable.Column(name: "expected", title: "Expected change"),
            ReportTable.Column(name: "risk_of_staying", title: "Risk of staying"),
            ReportTable.Column(name: "risk_of_taking", title: "Risk of taking it"),
            ReportTable.Column(name: "done", title: "Done"),
            ReportTable.Column(name: "srm", title: "Shares mismatch"),
            ReportTable.Column(name: "srm_pvalue", title: "Shares p-value"),
        ])

    /// - Parameter answer: the report as it is answered.
    func rows(_ answer: JSONValue) -> [[JSONValue]] {
        (answer["reportData"]?.array ?? []).flatMap { goal in
            (goal["variations"]?.array ?? []).flatMap { variation in
                (variation["metrics"]?.array ?? []).map { row($0, of: variation, goal) }
            }
        }
    }

    private func row(_ metric: JSONValue, of variation: JSONValue, _ goal: JSONValue) -> [JSONValue] {
        let first =
            names.cells(goal: goal["goal_id"] ?? .null, variation: variation["id"] ?? .null)
            + [variation["visitors"] ?? .null]
        let rest = Self.table.columns.dropFirst(first.count).map { column -> JSONValue in
            switch column.name {
            case "risk_of_staying": metric["risk"]?[0] ?? .null
            case "risk_of_taking": metric["risk"]?[1] ?? .null
            default: metric[column.name] ?? .null
            }
        }
        return first + rest
    }
}
