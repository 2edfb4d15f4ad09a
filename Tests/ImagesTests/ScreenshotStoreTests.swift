import BlobStore
import ControlStore
import JSON
import Jobs
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Images

@Suite struct ScreenshotStoreTests {
    private let temporary: TemporaryStore
    private let blobs: LocalBlobStore
    private let hand = HandClock()
    private let jobs: JobStore
    private let screenshots: ScreenshotStore
    private static let drawing = Array(#"<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>"#.utf8)

    init() throws {
        temporary = try TemporaryStore()
        try temporary.store.blockingWrite { database in
            try database.run(
                script: """
                    INSERT INTO resources
                        (id, project_id, kind, name, document, search_text, created_by, created_at, updated_at)
                    VALUES (7, 1, 'experience', 'e', '{}', '', '', 0, 0);
                    INSERT INTO variations (id, project_id, experience_id, position, key, name, document)
                    VALUES (70, 1, 7, 0, 'a', 'a', '{}'), (71, 1, 7, 1, 'b', 'b', '{}');
                    """)
        }
        blobs = try LocalBlobStore(
            directory: temporary.folder.file("blobs"), publicBaseURL: "/blobs",
            signingKey: Array(repeating: 7, count: 32))
        jobs = JobStore(store: temporary.store, clock: hand.clock)
        screenshots = ScreenshotStore(
            store: temporary.store, jobs: jobs,
            files: PictureFiles(blobs: blobs, workingDirectory: temporary.folder.path), clock: hand.clock)
    }

    private func files() async throws -> Int { try await blobs.list(prefix: nil).count }

    private func states() async throws -> [JSONValue] {
        try await temporary.store.read { try screenshots.shown(of: [7: [70, 71], 8: []], in: $0)[7] ?? [] }
    }

    @Test func aLaterPictureTakesThePlaceOfTheOneBefore() async throws {
        let picture = try Picture(Self.drawing)
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: true)
        #expect(try await screenshots.manual(of: [70, 71]) == [70])
        let shown = try #require(try await screenshots.picture(of: 70, size: .full))
        #expect(shown.0 == .svg && shown.1 == picture.bytes)
        hand.advance(seconds: 5)
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: false)
        #expect(try await screenshots.manual(of: [70, 71]).isEmpty)
        try await screenshots.removeUnused()
        #expect(try await files() == 4)
        hand.advance(seconds: 3_600)
        try await screenshots.removeUnused()
        #expect(try await files() == 2)
        #expect(try await screenshots.picture(of: 70, size: .thumbnail) != nil)
        #expect(try await screenshots.picture(of: 71, size: .full) == nil)
    }

    @Test func picturesGoWithTheirVariation() async throws {
        let picture = try Picture(Self.drawing)
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: true)
        try await screenshots.add(picture, variationID: 71, projectID: 1, isManual: true)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM variations WHERE id = 70") }
        hand.advance(seconds: 3_600)
        try await screenshots.removeUnused()
        #expect(try await files() == 2)
        try await screenshots.add(picture, variationID: 71, projectID: 1, isManual: true)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM projects") }
        try await screenshots.removeUnused()
        #expect(try await files() == 0)
    }

    @Test func aProjectTakesSoManyUploadsAnHour() async throws {
        let picture = try Picture(Self.drawing)
        for number in 0..<UploadRate.perHour {
            try await screenshots.add(picture, variationID: Int64(70 + number % 2), projectID: 1, isManual: true)
        }
        try await screenshots.removeUnused()
        await #expect(throws: ImageError.tooMany(perHour: UploadRate.perHour, retryAfterSeconds: 3_600)) {
            try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: true)
        }
        // The server's own do not count.
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: false)
        hand.advance(seconds: 3_600)
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: true)
    }

    @Test func whatWasAskedForLaterStays() async throws {
        func reserve() async throws -> Int64 {
            try await screenshots.reserve((.svg, .svg), variationID: 70, projectID: 1, isManual: false)
        }
        let (first, second, gone) = (try await reserve(), try await reserve(), try await reserve())
        try await screenshots.show(second, variationID: 70)
        try await screenshots.show(first, variationID: 70)
        #expect(try await current() == second)
        // Swept up while its files came.
        try await temporary.store.write {
            try $0.execute(sql: "DELETE FROM screenshots WHERE id = ?", arguments: [gone])
        }
        try await screenshots.show(gone, variationID: 70)
        #expect(try await current() == second)
    }

    private func current() async throws -> Int64? {
        try await temporary.store.read {
            try $0.value(Int64.self, sql: "SELECT id FROM screenshots WHERE variation_id = 70 AND is_current")
        }
    }

    @Test func anUploadCutOffIsForgottenAfterAnHour() async throws {
        let picture = try Picture(Self.drawing)
        try await screenshots.add(picture, variationID: 70, projectID: 1, isManual: true)
        try await temporary.store.write { try $0.execute(sql: "UPDATE screenshots SET is_current = 0") }
        try await screenshots.removeUnused()
        #expect(try await files() == 2)
        hand.advance(seconds: 3_601)
        try await screenshots.removeUnused()
        #expect(try await files() == 0)
    }

    @Test func statesSayWhatIsBeingDone() async throws {
        #expect(try await states().map { $0["variation_id"]?.int64 } == [70, 71])
        let asked = hand.clock.now
        let job = try await jobs.enqueue(ScreenshotJob.make([71], experienceID: 7, projectID: 1))
        await #expect(throws: JobError.alreadyRunning(jobID: job.id)) {
            try await jobs.enqueue(ScreenshotJob.make([70], experienceID: 7, projectID: 1))
        }
        #expect(try await states().map { $0["in_progress_since"]?.int64 } == [nil, asked.seconds])
        try await temporary.store.write {
            try $0.execute(sql: "UPDATE jobs SET progress = ?", arguments: [#"{"done":[71]}"#])
        }
        #expect(try await states().map { $0["in_progress_since"]?.int64 } == [nil, nil])
    }
}
