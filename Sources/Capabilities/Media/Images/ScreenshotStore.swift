import BlobStore
public import ControlStore
package import JSON
public import Jobs
import NIOCore
public import Time

/// Pictures of what variations look like: one each, uploaded or taken by the server.
public struct ScreenshotStore: Sendable {
    let store: ControlStore
    let jobs: JobStore
    private let files: PictureFiles
    private let clock: WallClock

    public init(store: ControlStore, jobs: JobStore, files: PictureFiles, clock: WallClock) {
        self.store = store
        self.jobs = jobs
        self.files = files
        self.clock = clock
    }

    /// The variation's picture and a small one of it, in the place of those before.
    /// - Parameter isManual: whether somebody uploaded it; such a one is only replaced when asked for.
    /// - Returns: the small picture.
    /// - Throws: ``ImageError`` when no small picture can be made of it, or too many were uploaded.
    @discardableResult
    public func add(
        _ picture: Picture, variationID: Int64, projectID: Int64, isManual: Bool
    ) async throws -> Picture {
        let thumbnail = try await picture.thumbnail()
        let id = try await reserve(
            (picture.format, thumbnail.format), variationID: variationID, projectID: projectID, isManual: isManual)
        let screenshot = Screenshot(id: id, projectID: projectID)
        try await files.publish(picture, as: try screenshot.key(.full))
        try await files.publish(thumbnail, as: try screenshot.key(.thumbnail))
        try await show(id, variationID: variationID)
        return thumbnail
    }

    /// A row for files to come: whatever happens to them, it tells that they may be there.
    func reserve(
        _ formats: (full: ImageFormat, thumbnail: ImageFormat), variationID: Int64, projectID: Int64, isManual: Bool
    ) async throws -> Int64 {
        let now = clock.now
        return try await store.write { database in
            if isManual { try Self.checkRate(projectID, now, in: database) }
            let id = try database.insert(
                sql: """
                    INSERT INTO screenshots
                        (project_id, variation_id, is_current, is_manual, format, thumbnail_format, created_at)
                    VALUES (?, ?, 0, ?, ?, ?, ?)
                    """,
                arguments: [
                    projectID, variationID, isManual, formats.full.rawValue, formats.thumbnail.rawValue, now,
                ])
            return id
        }
    }

    /// Has the variation show a picture whose files are there, unless a later one was as fast.
    func show(_ id: Int64, variationID: Int64) async throws {
        try await store.write { database in
            let isThere = try database.value(
                Bool.self,
                sql: """
                    SELECT EXISTS (SELECT * FROM screenshots WHERE id = ?2)
                        AND NOT EXISTS (SELECT * FROM screenshots WHERE variation_id = ?1 AND is_current AND id > ?2)
                    """,
                arguments: [variationID, id])
            guard isThere == true else { return }
            try database.execute(
                sql: "UPDATE screenshots SET is_current = 0 WHERE variation_id = ? AND is_current",
                arguments: [variationID])
            try database.execute(sql: "UPDATE screenshots SET is_current = 1 WHERE id = ?", arguments: [id])
        }
    }

    /// - Throws: ``ImageError/tooMany(perHour:retryAfterSeconds:)``.
    private static func checkRate(_ projectID: Int64, _ now: Timestamp, in database: Database) throws {
        let oldest = try database.value(
            Timestamp.self,
            sql: """
                SELECT created_at FROM screenshots WHERE project_id = ? AND is_manual AND created_at > ?
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """,
            arguments: [projectID, UploadRate.start(now), UploadRate.perHour - 1])
        try UploadRate.check(oldest, now)
    }

    /// The bytes of a variation's picture; nil while it has none.
    public func picture(of variationID: Int64, size: ScreenshotSize) async throws -> (ImageFormat, [UInt8])? {
        let found = try await store.read { database in
            try database.row(
                sql: "SELECT * FROM screenshots WHERE variation_id = ? AND is_current",
                arguments: [variationID]
            ).map { row -> (Screenshot, String) in
                try (
                    Screenshot(id: row.read("id"), projectID: row.read("project_id")),
                    row.read(size == .full ? "format" : "thumbnail_format")
                )
            }
        }
        guard let (screenshot, name) = found, let format = ImageFormat(rawValue: name) else { return nil }
        var bytes: [UInt8] = []
        for try await chunk in try await files.blobs.read(try screenshot.key(size)) { bytes += chunk.readableBytesView }
        return (format, bytes)
    }

    /// Which of the variations show a picture that somebody uploaded.
    func manual(of variationIDs: [Int64]) async throws -> Set<Int64> {
        try await store.read { database in
            Set(
                try database.values(
                    Int64.self,
                    sql: """
                        SELECT variation_id FROM screenshots
                        WHERE is_current AND is_manual AND variation_id IN \(SQL.list("?"))
                        """,
                    arguments: [ListArgument(variationIDs)]))
        }
    }

    /// What experiences say of their variations' pictures (contract schema `ExperienceBase`, member `screenshots_info`).
    /// - Parameter variations: experience to its variations, in order.
    package func shown(of variations: [Int64: [Int64]], in database: Database) throws -> [Int64: [JSONValue]] {
        var since: [Int64: Timestamp] = [:]
        for job in try jobs.unfinished(groups: variations.keys.sorted().map(ScreenshotJob.group), in: database) {
            let done = Set(ScreenshotJob.done(job))
            for variation in ScreenshotOrder(job)?.variations ?? [] where !done.contains(variation) {
                since[variation] = job.createdAt
            }
        }
        let rows = try database.rows(
            sql: """
                SELECT variation_id, created_at FROM screenshots
                WHERE is_current AND variation_id IN \(SQL.list("?"))
                """,
            arguments: [ListArgument(variations.values.joined().sorted())])
        var taken: [Int64: Timestamp] = [:]
        for row in rows { try taken[row.read("variation_id")] = row.read("created_at") }
        func seconds(_ time: Timestamp?) -> JSONValue { time.map { .integer($0.seconds) } ?? .null }
        return variations.mapValues { ids in
            ids.map { id in
                [
                    "variation_id": .integer(id), "in_progress_since": seconds(since[id]),
                    "last_taken_screenshot_time": seconds(taken[id]),
                ]
            }
        }
    }

    /// Removes pictures that have been replaced, that were cut off as they came, and those of variations that are gone.
    ///
    /// They stay for the hour that uploads are counted over; nobody still waits for one after so long, either. What was
    /// in a project that is gone goes at once.
    public func removeUnused() async throws {
        let limit = UploadRate.start(clock.now)
        let unused = try await store.read { database in
            try database.rows(
                sql: """
                    SELECT id, project_id FROM screenshots
                    WHERE (created_at <= ? AND (NOT is_current
                            OR NOT EXISTS (SELECT * FROM variations WHERE variations.id = screenshots.variation_id)))
                        OR NOT EXISTS (SELECT * FROM projects WHERE projects.id = screenshots.project_id)
                    LIMIT 1000
                    """,
                arguments: [limit]
            ).map { try Screenshot(id: $0.read("id"), projectID: $0.read("project_id")) }
        }
        var failure: (any Error)?
        for screenshot in unused {
            do {
                try await files.blobs.delete(prefix: screenshot.folder())
                try await store.write { database in
                    try database.execute(sql: "DELETE FROM screenshots WHERE id = ?", arguments: [screenshot.id])
                }
            } catch {
                // It keeps no other.
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

/// Which of a variation's two pictures.
public enum ScreenshotSize: Sendable {
    case full
    case thumbnail
}

private struct Screenshot: Sendable {
    let id: Int64
    let projectID: Int64

    func folder() throws -> BlobKey { try BlobKey("screenshots/\(projectID)/\(id)") }

    func key(_ size: ScreenshotSize) throws -> BlobKey {
        try BlobKey("screenshots/\(projectID)/\(id)/\(size == .full ? "full" : "thumbnail")")
    }
}
