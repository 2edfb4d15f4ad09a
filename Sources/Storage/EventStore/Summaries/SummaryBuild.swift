import DuckDB
import Time

/// Makes the files of a summary from the log.
///
/// Visitors are gone through in slices, so that memory does not grow with how many there are.
struct SummaryBuild {
    let key: ExperimentSummary.Key
    /// Where the files are written; it is there.
    let folder: String
    /// Rows of the log in one slice, more or less.
    let sliceRows: Int

    /// Two different profiles are made into the same number: which of them a visitor has would not be known.
    struct AmbiguousProfiles: Error {}

    private typealias Part = ExperimentSummary.Part

    /// - Returns: nil when there is nothing in the log.
    func run(on connection: Connection) throws -> ExperimentSummary.Content? {
        // One state of the log for all files.
        try connection.transaction {
            guard let head = try Head(key, on: connection) else { return nil }
            var files = [try write(.profiles, profiles, on: connection).file]
            let profile = try cells("count(*) - count(DISTINCT profile)", of: files, on: connection)
            guard profile == 0 else { throw AmbiguousProfiles() }
            let slices = (head.check.rows - 1) / max(sliceRows, 1) + 1
            var (visitors, hasTies) = (0, false)
            for slice in 0..<slices {
                let scope = "\(key.scope) AND hash(visitor_id) % \(slices) = \(slice)"
                let (known, count) = try write(.visitors, self.visitors(scope, after: visitors), slice, on: connection)
                visitors += count
                let (done, _) = try write(.conversions, conversions(scope, known), slice, on: connection)
                let (converted, _) = try write(.converters, converters(known, done), slice, on: connection)
                files += [known, done, converted]
                let tied = try cells(
                    "count(*) FILTER (first_seen IS NOT NULL AND profile IS NULL)", of: [known], on: connection)
                if tied > 0 {
                    hasTies = true
                    files.append(try write(.ties, ties(scope, known), slice, on: connection).file)
                }
            }
            return ExperimentSummary.Content(
                key: key, last: head.last, check: head.check, latest: head.latest, environments: head.environments,
                hasTies: hasTies, files: files)
        }
    }

    private func write(
        _ part: Part, _ selection: String, _ slice: Int = 0, on connection: Connection
    ) throws -> (file: ExperimentSummary.File, count: Int) {
        let name = "\(part.rawValue)-\(slice).parquet"
        let path = "\(folder)/\(name)"
        let count = try connection.execute(
            "COPY (\(selection)) TO '\(ExperimentSQL.quoted(path))' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)",
            [])
        guard let digest = FileDigest(of: path), let size = SummaryFolder.size(of: path) else {
            throw SummaryFolder.Unreadable(path: path)
        }
        return (ExperimentSummary.File(part: part, name: name, byteCount: size, digest: digest), count)
    }

    /// One number about files.
    private func cells(_ selection: String, of files: [ExperimentSummary.File], on connection: Connection) throws
        -> Int64
    {
        let rows = try connection.query("SELECT \(selection) FROM \(source(files))")
        defer { rows.close() }
        return try rows.next()?.int64(0, 0) ?? 0
    }

    private func source(_ files: [ExperimentSummary.File]) -> String {
        "read_parquet([\(files.map { "'" + ExperimentSQL.quoted("\(folder)/\($0.name)") + "'" }.joined(separator: ", "))])"
    }
}

// MARK: what is selected
extension SummaryBuild {
    private static let segments = "devices, browser, country, visitor_type, campaign, sources, custom_segments"
    /// What the segments of a row are made into, from 0 to 2^62 - 1.
    private static let profile = "(hash(\(segments)) >> 2)::BIGINT"
    /// One more than the greatest profile.
    private static let profiles = "4611686018427387904::HUGEINT"

    /// What ``ExperimentSQL/halves(_:)`` are halves of.
    private static let key = "((high::UHUGEINT << 64) | low::UHUGEINT)"

    private static let isView = "(event_type = 'view_experience' AND variation_id IS NOT NULL)"
    private static let isConversion = "(event_type IN ('conversion', 'transaction') AND goal_id IS NOT NULL)"

    private var profiles: String {
        "SELECT DISTINCT \(Self.profile) AS profile, \(Self.segments) FROM \(ExposureTable.name) WHERE \(key.scope) AND \(Self.isView)"
    }

    /// The least and the greatest profile at the first view come with the least of numbers that begin with the time.
    private func visitors(_ scope: String, after count: Int) -> String {
        """
        SELECT \(count) + row_number() OVER () AS number, \(ExperimentSQL.halves("key")), first_seen, variation_id, other_variation_id,
            CASE WHEN least_profile - start = \(Self.profiles) - 1 - (greatest_profile - start)
                THEN (least_profile - start)::BIGINT END AS profile
        FROM (
            SELECT key, min(seen_at) AS first_seen, min(variation_id) AS variation_id,
                max(variation_id) AS other_variation_id, epoch_us(min(seen_at))::HUGEINT * \(Self.profiles) AS start,
                min(moment + profile) AS least_profile, min(moment + (\(Self.profiles) - 1 - profile)) AS greatest_profile
            FROM (
                SELECT key, seen_at, variation_id, profile, epoch_us(seen_at)::HUGEINT * \(Self.profiles) AS moment
                FROM (
                    SELECT md5_number(visitor_id) AS key, CASE WHEN \(Self.isView) THEN occurred_at END AS seen_at,
                        CASE WHEN \(Self.isView) THEN variation_id END AS variation_id, \(Self.profile) AS profile
                    FROM \(ExposureTable.name) WHERE \(scope) AND (\(Self.isView) OR \(Self.isConversion))
                )
            ) GROUP BY key
        )
        """
    }

    private func conversions(_ scope: String, _ visitors: ExperimentSummary.File) -> String {
        """
        SELECT number, goal_id, occurred_at, event_type = 'transaction' AS is_order, \(ExperimentSQL.amounts)
        FROM (
            SELECT md5_number(visitor_id) AS key, goal_id, occurred_at, event_type, revenue, products_count
            FROM \(ExposureTable.name) WHERE \(scope) AND \(Self.isConversion)
        ) AS events JOIN (SELECT number, \(Self.key) AS key FROM \(source([visitors]))) AS visitors USING (key)
        """
    }

    private func converters(_ visitors: ExperimentSummary.File, _ conversions: ExperimentSummary.File) -> String {
        """
        SELECT number, goal_id, any_value(variation_id) AS variation_id, any_value(first_seen) AS first_seen,
            any_value(profile) AS profile, count(*) FILTER (WHERE is_order) AS orders,
            \(ExperimentSQL.sum(of: "revenue", by: "revenue")), \(ExperimentSQL.sum(of: "products", by: "products"))
        FROM \(source([conversions])) JOIN (
            SELECT number, first_seen, variation_id, profile FROM \(source([visitors])) WHERE variation_id = other_variation_id
        ) AS visitors USING (number)
        WHERE occurred_at >= first_seen GROUP BY number, goal_id
        """
    }

    private func ties(_ scope: String, _ visitors: ExperimentSummary.File) -> String {
        """
        SELECT DISTINCT number, events.profile
        FROM (
            SELECT md5_number(visitor_id) AS key, occurred_at, \(Self.profile) AS profile
            FROM \(ExposureTable.name) WHERE \(scope) AND \(Self.isView)
        ) AS events JOIN (
            SELECT number, \(Self.key) AS key, first_seen FROM \(source([visitors]))
            WHERE first_seen IS NOT NULL AND profile IS NULL
        ) AS visitors USING (key)
        WHERE occurred_at = first_seen
        """
    }
}

/// What is known of an experience's part of the log before anything is written.
private struct Head {
    let check: ExperimentSummary.Check
    let last: EventIdentifier
    let latest: Timestamp
    let environments: [Int64]

    init?(_ key: ExperimentSummary.Key, on connection: Connection) throws {
        let rows = try connection.query(
            """
            SELECT \(ExperimentSummary.Check.selection), max(exposure_id), max(occurred_at)
            FROM \(ExposureTable.name) WHERE \(key.scope)
            """)
        guard let chunk = try rows.next(), let count = try chunk.int64(0, 0), let sum = try chunk.string(1, 0),
            let last = try chunk.uuid(2, 0), let latest = try chunk.timestamp(3, 0)
        else { return nil }
        check = ExperimentSummary.Check(rows: Int(count), sum: sum)
        self.last = EventIdentifier(value: last)
        self.latest = Timestamp(microseconds: latest)
        rows.close()
        environments = try connection.query(
            "SELECT DISTINCT environment_id FROM \(ExposureTable.name) WHERE \(key.scope)"
        ).map { chunk, row in try chunk.int64(0, row) ?? 0 }
    }
}
