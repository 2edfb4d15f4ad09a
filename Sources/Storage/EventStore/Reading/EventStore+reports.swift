import DuckDB

extension EventStore {
    /// Reports that read at the same time: others have connections left.
    static let reportsAtOnce = 2

    /// Of one project that wait.
    static let mostReportsWaiting = 20

    /// Projects take turns.
    func reporting<Result: Sendable>(
        of projectID: Int64, _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        do {
            return try await reports.run(for: projectID) { try await readers.run(body) }
        } catch let error as TooManyReports {
            throw EventStoreError.unavailable(reason: error.description)
        }
    }

    /// What a report needs to know of an experience's visitors. Everything is read in one statement, so that the figures
    /// belong together.
    public func counts(_ query: ExperimentQuery) async throws -> ExperimentCounts {
        try await report(query) { sql, connection in try ExperimentCounts(sql, on: connection) }
    }

    /// A statement that finds what ``counts(_:)`` finds, in the log alone, for people to read and to run themselves.
    /// - Parameter table: what it calls the log of experiment events.
    public static func readableCounts(_ query: ExperimentQuery, table: String) -> String {
        ExperimentSQL(query, table: table, isReadable: true).counts
    }

    /// What became of an experience day by day, of one goal.
    /// - Parameter offset: of days from those of UTC, in seconds.
    public func days(_ query: ExperimentQuery, offset: Int64) async throws -> [ExperimentDay] {
        try await report(query) { sql, connection in try ExperimentDay.all(sql, offset: offset, on: connection) }
    }

    /// What visitors did after their first view, with what they did before. The whole log of the project's goals is read.
    /// - Parameter days: how long before the first view a visitor's history begins; positive.
    public func covariates(_ query: ExperimentQuery, days: Int) async throws -> ExperimentCovariates {
        let sql = ExperimentSQL(query)
        return try await reporting(of: query.projectID) { connection in
            try ExperimentCovariates(sql, days: days, on: connection)
        }
    }

    /// A statement that finds what ``covariates(_:days:)`` finds, for people to read and to run themselves.
    /// - Parameter table: what it calls the log of experiment events.
    public static func readableCovariates(_ query: ExperimentQuery, days: Int, table: String) -> String {
        ExperimentSQL(query, table: table, isReadable: true).covariates(days: days)
    }

    /// The campaigns that brought visitors to an experience, those of the most visitors first, and the custom segments that
    /// any of its visitors was in.
    /// - Parameter limit: campaigns at most.
    public func audience(
        projectID: Int64, experienceID: Int64, limit: Int
    ) async throws -> (campaigns: [(name: String, visitors: Int64)], customSegments: [Int64]) {
        let scope = "project_id = \(projectID) AND experience_id = \(experienceID) AND event_type = 'view_experience'"
        return try await reporting(of: projectID) { connection in
            let campaigns = try connection.query(
                """
                SELECT campaign, count(DISTINCT visitor_id) AS visitors FROM \(ExposureTable.name)
                WHERE \(scope) AND campaign IS NOT NULL AND campaign <> ''
                GROUP BY campaign ORDER BY visitors DESC, campaign LIMIT \(limit)
                """
            ).map { chunk, row in (name: try chunk.string(0, row) ?? "", visitors: try chunk.int64(1, row) ?? 0) }
            let segments = try connection.query(
                """
                SELECT DISTINCT unnest(custom_segments) AS segment FROM \(ExposureTable.name) WHERE \(scope) ORDER BY segment
                """
            ).map { chunk, row in try chunk.int64(0, row) ?? 0 }
            return (campaigns, segments)
        }
    }
}

/// What became of one variation on one day.
public struct ExperimentDay: Sendable, Equatable {
    public struct Key: Sendable, Hashable {
        public let variationID: Int64
        /// Since 1970-01-01, of the days that were asked for.
        public let day: Int64

        public init(variationID: Int64, day: Int64) {
            self.variationID = variationID
            self.day = day
        }
    }

    public let key: Key
    /// Whose first view was on this day.
    public internal(set) var visitors: Int64 = 0
    /// Visitors who reached the goal for the first time on this day.
    public internal(set) var conversions: Int64 = 0
    /// Of this day's orders, in millionths.
    public internal(set) var revenue: Int128 = 0
    /// Of this day's orders.
    public internal(set) var products: Int128 = 0

    private init(_ key: Key) {
        self.key = key
    }

    /// Runs the statement.
    static func all(_ sql: ExperimentSQL, offset: Int64, on connection: Connection) throws -> [ExperimentDay] {
        let rows = try connection.query(sql.days(offset: offset), sql.parameters)
        var days: [Key: ExperimentDay] = [:]
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                guard let kind = try chunk.int64(0, row), let variation = try chunk.int64(1, row),
                    let number = try chunk.int64(2, row), let count = try chunk.int64(3, row)
                else { continue }
                let key = Key(variationID: variation, day: number)
                var day = days[key] ?? ExperimentDay(key)
                switch kind {
                case 1: day.visitors = count
                case 2: day.conversions = count
                default:
                    day.revenue = try chunk.int128(4, row) ?? 0
                    day.products = try chunk.int128(5, row) ?? 0
                }
                days[key] = day
            }
        }
        return days.values.sorted { ($0.key.day, $0.key.variationID) < ($1.key.day, $1.key.variationID) }
    }
}

extension ExperimentCounts {
    /// Runs the statement.
    init(_ sql: ExperimentSQL, on connection: Connection) throws {
        let rows = try connection.query(sql.counts, sql.parameters)
        var counts = ExperimentCounts()
        while let chunk = try rows.next() {
            for row in 0..<chunk.count { try counts.add(chunk, row) }
        }
        self = counts.sorted
    }

    fileprivate mutating func add(_ chunk: Chunk, _ row: Int) throws {
        let count = try chunk.int64(3, row) ?? 0
        let variation = try chunk.int64(1, row) ?? 0
        let part = try chunk.int64(2, row) ?? 0
        switch try chunk.int64(0, row) {
        case 0: excluded = count
        case 1: visitors.append(Visitors(variationID: variation, period: Int(part), count: count))
        default:
            goals.append(
                Goal(
                    variationID: variation, goalID: part, converters: count, orders: try chunk.int64(4, row) ?? 0,
                    revenue: try AmountSums(chunk, row, from: 5), products: try AmountSums(chunk, row, from: 9)))
        }
    }

    /// In an order of their own: the engine's is left to chance.
    fileprivate var sorted: ExperimentCounts {
        var sorted = self
        sorted.visitors.sort { ($0.variationID, $0.period) < ($1.variationID, $1.period) }
        sorted.goals.sort { ($0.goalID, $0.variationID) < ($1.goalID, $1.variationID) }
        return sorted
    }
}

extension ExperimentCovariates {
    /// Runs the statement.
    fileprivate init(_ sql: ExperimentSQL, days: Int, on connection: Connection) throws {
        let rows = try connection.query(sql.covariates(days: days), sql.parameters)
        self.init()
        while let chunk = try rows.next() {
            for row in 0..<chunk.count { try add(chunk, row) }
        }
        // In an order of their own: the engine's is left to chance.
        goals.sort { ($0.goalID, $0.variationID, $0.amount.rawValue) < ($1.goalID, $1.variationID, $1.amount.rawValue) }
    }

    private mutating func add(_ chunk: Chunk, _ row: Int) throws {
        let variation = try chunk.int64(1, row) ?? 0
        let count = try chunk.int64(3, row) ?? 0
        guard let amount = try chunk.int64(0, row).flatMap(CountedAmount.init) else {
            visitors[variation] = count
            return
        }
        goals.append(
            Goal(
                variationID: variation, goalID: try chunk.int64(2, row) ?? 0, amount: amount, visitorsBefore: count,
                outcome: try AmountSums(chunk, row, from: 4), before: try AmountSums(chunk, row, from: 8),
                products: AmountProducts(
                    upper: try chunk.int128(12, row) ?? 0, mixed: try chunk.int128(13, row) ?? 0,
                    lower: try chunk.int128(14, row) ?? 0)))
    }
}

extension AmountSums {
    fileprivate init(_ chunk: Chunk, _ row: Int, from column: Int) throws {
        self.init(
            sum: try chunk.int128(column, row) ?? 0, upper: try chunk.int128(column + 1, row) ?? 0,
            mixed: try chunk.int128(column + 2, row) ?? 0, lower: try chunk.int128(column + 3, row) ?? 0)
    }
}
