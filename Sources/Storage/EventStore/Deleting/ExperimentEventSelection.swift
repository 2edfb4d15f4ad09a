import DuckDB
public import Time

/// Which events of one experience are meant: to be counted, or to go.
public struct ExperimentEventSelection: Sendable, Equatable {
    /// Events of one kind, and what they must be besides.
    public struct Part: Sendable, Equatable {
        public var kind: ExperimentEvent.Kind
        /// Nil for all.
        public var goalIDs: [Int64]?
        /// An event without revenue has none to compare.
        public var leastRevenue: Double?
        public var mostRevenue: Double?

        public init(
            _ kind: ExperimentEvent.Kind, goalIDs: [Int64]? = nil, leastRevenue: Double? = nil,
            mostRevenue: Double? = nil
        ) {
            self.kind = kind
            self.goalIDs = goalIDs
            self.leastRevenue = leastRevenue
            self.mostRevenue = mostRevenue
        }
    }

    public var projectID: Int64
    public var experienceID: Int64
    /// What the server took in by then.
    public var receivedBy: Timestamp
    /// Events that happened from here on.
    public var start = Timestamp.earliest
    /// Events that happened before this.
    public var end = Timestamp.latest
    /// Any of these.
    public var parts: [Part]
    /// What the visitor was at the event.
    public var segments = ExperimentSegments()

    public init(
        projectID: Int64, experienceID: Int64, receivedBy: Timestamp,
        parts: [Part] = ExperimentEvent.Kind.allCases.map { Part($0) }
    ) {
        self.projectID = projectID
        self.experienceID = experienceID
        self.receivedBy = receivedBy
        self.parts = parts
    }
}

/// What a visitor has no more of in an experience once events are gone.
public struct ExperimentVisitorLoss: Sendable, Equatable {
    public let visitorID: String
    /// Whether no view of the experience is left.
    public let losesView: Bool
    /// Goals of which no conversion is left.
    public let lostGoals: [Int64]

    public init(visitorID: String, losesView: Bool, lostGoals: [Int64]) {
        self.visitorID = visitorID
        self.losesView = losesView
        self.lostGoals = lostGoals
    }
}

extension EventStore {
    /// How many events there are of each kind; kinds without any are left out. It takes a report's turn.
    public func counts(_ selection: ExperimentEventSelection) async throws -> [ExperimentEvent.Kind: Int64] {
        try await reporting(of: selection.projectID) { connection in
            let (condition, parameters) = selection.condition
            let rows = try connection.query(
                "SELECT event_type, count(*) FROM \(ExposureTable.name) WHERE \(condition) GROUP BY event_type",
                parameters)
            var counts: [ExperimentEvent.Kind: Int64] = [:]
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    guard let kind = try chunk.string(0, row).flatMap(ExperimentEvent.Kind.init(rawValue:)) else {
                        continue
                    }
                    counts[kind] = try chunk.int64(1, row) ?? 0
                }
            }
            return counts
        }
    }

    /// Who loses something that is known of visitors when these events go, in the order of their ids.
    /// - Parameters:
    ///   - visitorID: only those behind it; nil from the first.
    ///   - limit: at most.
    public func losses(
        _ selection: ExperimentEventSelection, after visitorID: String?, limit: Int
    ) async throws -> [ExperimentVisitorLoss] {
        try await readers.run { connection in
            var (condition, parameters) = selection.condition
            var scope = selection.scope
            if let visitorID {
                parameters.append(.string(visitorID))
                scope += " AND visitor_id > $\(parameters.count)"
            }
            let rows = try connection.query(
                """
                SELECT visitor_id, views > 0 AND views = views_gone,
                    array_to_string(
                        list_filter(goals_gone, goal -> NOT list_contains(goals_left, goal))::VARCHAR[], ',') AS lost
                FROM (
                    SELECT visitor_id, count(*) FILTER (event_type = 'view_experience') AS views,
                        count(*) FILTER (event_type = 'view_experience' AND goes) AS views_gone,
                        coalesce(list(DISTINCT goal_id) FILTER (event_type = 'conversion' AND goes), []) AS goals_gone,
                        coalesce(list(DISTINCT goal_id) FILTER (event_type = 'conversion' AND NOT goes), []) AS goals_left
                    FROM (
                        SELECT visitor_id, event_type, goal_id, coalesce(\(condition), false) AS goes
                        FROM \(ExposureTable.name) WHERE \(scope))
                    GROUP BY visitor_id)
                WHERE (views > 0 AND views = views_gone) OR len(goals_gone) > 0
                ORDER BY visitor_id LIMIT \(limit)
                """, parameters)
            return try rows.map { chunk, row in
                ExperimentVisitorLoss(
                    visitorID: try chunk.string(0, row) ?? "", losesView: try chunk.bool(1, row) ?? false,
                    lostGoals: (try chunk.string(2, row) ?? "").split(separator: ",").compactMap { Int64($0) })
            }
        }
    }

    /// Removes events: no report and no query finds them afterwards, and ``erase()`` takes what they held off the disk.
    /// Who writes events is held up no longer than by any other deletion.
    public func delete(_ selection: ExperimentEventSelection) async throws {
        let key = ExperimentSummary.Key(projectID: selection.projectID, experienceID: selection.experienceID)
        try await deleting(from: .experiment(key)) { connection in
            let (condition, parameters) = selection.condition
            _ = try DeletedBlocks.delete(from: ExposureTable.name, where: condition, parameters, on: connection)
        }
    }

    /// Visitors who have seen an experience, and conversions in it, of what was taken in by a time.
    public func traffic(
        experienceID: Int64, projectID: Int64, receivedBy end: Timestamp
    ) async throws -> (visitors: Int64, conversions: Int64) {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT count(DISTINCT visitor_id) FILTER (event_type = 'view_experience'),
                    count(*) FILTER (event_type = 'conversion')
                FROM \(ExposureTable.name) WHERE project_id = $1 AND experience_id = $2 AND received_at <= $3
                """, [.int64(projectID), .int64(experienceID), .timestamp(end.microseconds)])
            defer { rows.close() }
            guard let chunk = try rows.next() else { return (0, 0) }
            return (try chunk.int64(0, 0) ?? 0, try chunk.int64(1, 0) ?? 0)
        }
    }
}

extension ExperimentEventSelection {
    /// All events of the experience, in SQL over the table.
    fileprivate var scope: String { "project_id = \(projectID) AND experience_id = \(experienceID)" }

    /// In SQL over the table. Texts stand beside the statement.
    fileprivate var condition: (sql: String, parameters: [Value]) {
        var terms = [
            scope, "received_at <= make_timestamp(\(receivedBy.microseconds))",
            "occurred_at >= make_timestamp(\(start.microseconds))", "occurred_at < make_timestamp(\(end.microseconds))",
            "(\(parts.isEmpty ? "false" : parts.map(\.condition).joined(separator: " OR ")))",
        ]
        var parameters: [Value] = []
        for (column, values) in [
            ("browser", segments.browsers), ("country", segments.countries), ("visitor_type", segments.visitorTypes),
            ("campaign", segments.campaigns),
        ] where !values.isEmpty {
            parameters.append(.strings(values))
            terms.append("\(column) IN (SELECT unnest($\(parameters.count)))")
        }
        for (column, values) in [("devices", segments.devices), ("sources", segments.sources)] where !values.isEmpty {
            parameters.append(.strings(values))
            terms.append("list_has_any(\(column), $\(parameters.count))")
        }
        if !segments.customSegments.isEmpty {
            let ids = segments.customSegments.map(String.init).joined(separator: ", ")
            terms.append("list_has_any(custom_segments, [\(ids)]::BIGINT[])")
        }
        return (terms.joined(separator: " AND "), parameters)
    }
}

extension ExperimentEventSelection.Part {
    fileprivate var condition: String {
        var terms = ["event_type = '\(kind.rawValue)'"]
        if let goalIDs {
            terms.append(
                goalIDs.isEmpty ? "false" : "goal_id IN (\(goalIDs.map(String.init).joined(separator: ", ")))")
        }
        if let leastRevenue, leastRevenue.isFinite { terms.append("revenue >= '\(leastRevenue)'::DOUBLE") }
        if let mostRevenue, mostRevenue.isFinite { terms.append("revenue <= '\(mostRevenue)'::DOUBLE") }
        return "(\(terms.joined(separator: " AND ")))"
    }
}
