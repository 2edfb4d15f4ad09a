import JSON
import ProjectDocuments
import Text

/// What a report's file is made of: figures as the report's answer has them, in rows.
struct ReportTable {
    /// One column.
    struct Column {
        /// The answer's name of what it holds.
        let name: String
        /// The same for people.
        let title: String
        /// Whether people wrote what is in it.
        var isWritten = false
    }

    let columns: [Column]

    /// The first line.
    /// - Parameter isTabular: whether it has the names that the answers have, for programs.
    func heading(isTabular: Bool) -> [UInt8] {
        var text = CSVText()
        for column in columns { text.exact(isTabular ? column.name : column.title) }
        text.endLine()
        return text.bytes
    }

    /// Lines with one cell for each column.
    func lines(_ rows: [[JSONValue]]) -> [UInt8] {
        var text = CSVText()
        for row in rows {
            for (column, value) in zip(columns, row) {
                switch value {
                case .null: text.empty()
                case .string(let written) where column.isWritten: text.guarded(written)
                case .string(let written): text.exact(written)
                default: text.exact(value.encodedString)
                }
            }
            text.endLine()
        }
        return text.bytes
    }
}

/// Names of what a report shows by id.
struct ReportNames: Sendable {
    let goals: [Int64: String]
    let variations: [Int64: String]
    let baselineID: Int64?

    init(_ experience: ReportedExperience, goals: [Int64: String]) {
        self.goals = goals
        variations = Dictionary(
            experience.variations.compactMap { variation in
                variation.id.map { ($0, variation.name ?? "") }
            }
        ) { first, _ in first }
        baselineID = experience.baselineID
    }

    /// The first columns of every row: which goal, which variation.
    static let columns = [
        ReportTable.Column(name: "goal_id", title: "Goal ID"),
        ReportTable.Column(name: "goal_name", title: "Goal", isWritten: true),
        ReportTable.Column(name: "variation_id", title: "Variation ID"),
        ReportTable.Column(name: "variation_name", title: "Variation", isWritten: true),
        ReportTable.Column(name: "is_baseline", title: "Baseline"),
    ]

    /// Their cells.
    func cells(goal: JSONValue, variation: JSONValue) -> [JSONValue] {
        let variationID = variation.int64 ?? 0
        return [
            goal, .string(goal.int64.flatMap { goals[$0] } ?? ""), variation,
            .string(variations[variationID] ?? ""), .bool(variationID == baselineID),
        ]
    }
}
