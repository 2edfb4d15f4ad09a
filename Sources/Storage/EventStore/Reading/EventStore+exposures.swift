import DuckDB
public import Time

extension EventStore {
    /// Adds experiment events; all of them are on disk when it returns, or none. ``hasAppended(from:)`` knows them by
    /// the first one. Those that were added before are not added again: a commit that seems to have failed may be stored.
    public func append(_ events: [ExperimentEvent]) async throws {
        guard let first = events.first, let last = events.map(\.id).max() else { return }
        if latecomers.knowsNothing, let stored = try await lastExperimentEvent() { latecomers.begin(stored) }
        latecomers.begin(last)
        try await readers.run { connection in
            try self.written.use { half in
                try connection.transaction {
                    if try Self.hasAppended(from: first.id, on: connection) { return }
                    let appender = try ExposureAppender(connection: connection, half: half)
                    for event in events { try appender.append(event) }
                    try appender.flush()
                    _ = try connection.execute(
                        "INSERT INTO \(ExposureTable.pieces) VALUES ($1)", [.uuid(first.id.value)])
                }
            }
        }
        latecomers.end(last)
        tally.add(rows: events.count)
    }

    private static func hasAppended(from first: EventIdentifier, on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            "SELECT 1 FROM \(ExposureTable.pieces) WHERE first_exposure_id = $1 LIMIT 1", [.uuid(first.value)])
        defer { rows.close() }
        return (try rows.next()?.count ?? 0) > 0
    }

    /// Whether the events that begin with this one were appended, whatever has been deleted of them since.
    public func hasAppended(from first: EventIdentifier) async throws -> Bool {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT 1 FROM \(ExposureTable.pieces) WHERE first_exposure_id = $1
                UNION ALL SELECT 1 FROM \(ExposureTable.name) WHERE exposure_id = $1 LIMIT 1
                """, [.uuid(first.value)])
            defer { rows.close() }
            return (try rows.next()?.count ?? 0) > 0
        }
    }

    /// Forgets what ``hasAppended(from:)`` knows of events up to one, that nobody will ask for again.
    public func forgetAppended(upTo first: EventIdentifier) async throws {
        try await readers.run { connection in
            _ = try connection.execute(
                "DELETE FROM \(ExposureTable.pieces) WHERE first_exposure_id <= $1", [.uuid(first.value)])
        }
    }

    /// Adds the rows of a JSON array whose objects have the table's columns as members: the form in which versions
    /// before 2026-12 wrote events down.
    public func append(rows: String) async throws {
        let columns = ExposureTable.table.columns
        let structure = columns.map { "\"\($0.name)\":\"\($0.type.rawValue)\"" }.joined(separator: ",")
        let names = columns.map { "row.\($0.name)" }.joined(separator: ", ")
        try await readers.run { connection in
            try self.written.use { half in
                _ = try connection.execute(
                    """
                    INSERT INTO \(half.of(ExposureTable.name))
                    SELECT \(names) FROM (SELECT unnest(from_json($1, '[{\(structure)}]')) AS row)
                    """, [.string(rows)])
            }
        }
        latecomers.add()
    }

    /// The greatest id of an experiment event; nil while there is none.
    public func lastExperimentEvent() async throws -> EventIdentifier? {
        try await readers.run { connection in
            let rows = try connection.query("SELECT max(exposure_id) FROM \(ExposureTable.name)", [])
            defer { rows.close() }
            return try rows.next()?.uuid(0, 0).map { EventIdentifier(value: $0) }
        }
    }

    /// The environments in which visitors did anything in an experience.
    public func environments(experienceID: Int64, projectID: Int64) async throws -> [Int64] {
        try await readers.run { connection in
            try connection.query(
                """
                SELECT DISTINCT environment_id FROM \(ExposureTable.name) WHERE project_id = $1 AND experience_id = $2
                """, [.int64(projectID), .int64(experienceID)]
            ).map { chunk, row in try chunk.int64(0, row) ?? 0 }
        }
    }

    /// The newest experiment events, newest first.
    public func recentEvents(_ filter: ExperimentEventFilter, limit: Int) async throws -> [ExperimentEvent] {
        try await readers.run { connection in
            let ids = try Self.newestIDs(filter, limit, connection)
            return try Self.events(ids, connection)
        }
    }

    /// How often each goal of a project was reached since a time.
    public func goalCounts(projectID: Int64, since: Timestamp) async throws -> [Int64: Int] {
        try await readers.run { connection in
            let rows = try connection.query(
                """
                SELECT goal_id, count(DISTINCT exposure_id) FROM \(ExposureTable.name)
                WHERE project_id = $1 AND occurred_at >= $2 AND goal_id IS NOT NULL GROUP BY goal_id
                """, [.int64(projectID), .timestamp(since.microseconds)])
            var counts: [Int64: Int] = [:]
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    if let goalID = try chunk.int64(0, row) { counts[goalID] = Int(try chunk.int64(1, row) ?? 0) }
                }
            }
            return counts
        }
    }

    /// An event has a row for each of its experiences, so more rows than events are asked for until there are enough.
    private static func newestIDs(
        _ filter: ExperimentEventFilter, _ limit: Int, _ connection: Connection
    ) throws -> [String] {
        let (condition, parameters) = filter.condition
        var rowLimit = limit * 8
        while true {
            let rows = try connection.query(
                """
                SELECT exposure_id::VARCHAR FROM \(ExposureTable.name) WHERE \(condition)
                ORDER BY exposure_id DESC LIMIT \(rowLimit)
                """, parameters)
            var ids: [String] = []
            var count = 0
            while let chunk = try rows.next() {
                count += chunk.count
                for row in 0..<chunk.count {
                    if let id = try chunk.string(0, row), ids.last != id { ids.append(id) }
                }
            }
            if ids.count >= limit || count < rowLimit { return Array(ids.prefix(limit)) }
            rowLimit *= 8
        }
    }

    private static func events(_ ids: [String], _ connection: Connection) throws -> [ExperimentEvent] {
        guard let oldest = ids.last else { return [] }
        let columns = ExposureTable.columns.map { $0.content.selection(of: $0.name) }.joined(separator: ", ")
        let rows = try connection.query(
            """
            SELECT \(columns)
            FROM \(ExposureTable.name) WHERE exposure_id >= $1::UUID AND exposure_id IN (SELECT unnest($2)::UUID)
            ORDER BY exposure_id DESC, experience_id
            """, [.string(oldest), .strings(ids)])
        var events: [ExperimentEvent] = []
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                guard let event = try ExperimentEvent(chunk, row) else { continue }
                if events.last?.id == event.id {
                    events[events.count - 1].assignments += event.assignments
                } else {
                    events.append(event)
                }
            }
        }
        return events
    }
}

extension ExperimentEvent {
    /// Reads one row; nil for one that is no event that this version knows.
    fileprivate init?(_ chunk: Chunk, _ place: Int) throws {
        var row = ExposureRow()
        for (column, description) in ExposureTable.columns.enumerated() {
            guard try description.content.read(chunk, column: column, row: place, into: &row) else { return nil }
        }
        if let experienceID = row.experienceID, let variationID = row.variationID {
            row.event.assignments = [Assignment(experienceID: experienceID, variationID: variationID)]
        }
        self = row.event
    }
}

extension ExperimentEventFilter {
    /// In SQL over a row of the table.
    fileprivate var condition: (sql: String, parameters: [Value]) {
        var conditions: [String] = []
        var parameters: [Value] = []
        func require(_ list: [String], _ condition: (String) -> String) {
            parameters.append(.strings(list))
            conditions.append(condition("$\(parameters.count)"))
        }
        func narrow(_ list: [String], _ condition: (String) -> String) {
            if !list.isEmpty { require(list, condition) }
        }
        require(projectIDs.map(String.init)) { "project_id IN (SELECT unnest(\($0))::BIGINT)" }
        narrow(kinds.map(\.rawValue)) { "event_type IN (SELECT unnest(\($0)))" }
        narrow(experienceIDs.map(String.init)) { "experience_id IN (SELECT unnest(\($0))::BIGINT)" }
        narrow(goalIDs.map(String.init)) {
            "(event_type = 'view_experience' OR goal_id IN (SELECT unnest(\($0))::BIGINT))"
        }
        narrow(devices) { "list_has_any(devices, \($0))" }
        narrow(sources) { "list_has_any(sources, \($0))" }
        narrow(customSegments.map(String.init)) { "list_has_any(custom_segments, \($0)::BIGINT[])" }
        for (column, values) in [
            ("browser", browsers), ("country", countries), ("visitor_type", visitorTypes), ("campaign", campaigns),
        ] {
            narrow(values) { "\(column) IN (SELECT unnest(\($0)))" }
        }
        return (conditions.joined(separator: " AND "), parameters)
    }
}
