public import Browser
public import JSON
public import Jobs
public import Logging
import Synchronization

/// Takes pictures of the variations of an experience, in the background (contract operation
/// `triggerExperienceScreenshots`).
public struct ScreenshotJob: JobHandler {
    public static let kind = "screenshots"

    /// What to open for a variation; nil when it is not there any more.
    public typealias Visit =
        @Sendable (_ variationID: Int64, _ experienceID: Int64, _ projectID: Int64) async throws -> PageVisit?

    private let screenshots: ScreenshotStore
    private let visit: Visit
    private let chromium: Chromium
    private let logger: Logger

    public init(
        screenshots: ScreenshotStore, chromium: Chromium, logger: Logger, visit: @escaping Visit
    ) {
        self.screenshots = screenshots
        self.visit = visit
        self.chromium = chromium
        self.logger = logger
    }

    public func run(_ order: ScreenshotOrder, _ context: JobContext) async throws {
        let pictures = Pictures(of: order.variations, done: Self.done(context.job))
        let turnEnds = ContinuousClock.now + Self.turn
        while pictures.next != nil {
            do {
                try await chromium.run { browser in
                    try await browser.checkAnswers()
                    while let variation = pictures.next {
                        pictures.begin()
                        try await take(variation, of: order.experience, order.project, browser)
                        try await context.updateProgress(pictures.finish(variation))
                        if pictures.next != nil, ContinuousClock.now >= turnEnds { throw JobGivesWay() }
                    }
                }
            } catch let error as BrowserError {
                if case .notInstalled = error { throw PermanentJobFailure(error.description) }
                // A page that ends Chromium has no picture; where none was open, Chromium itself is at fault.
                guard let variation = pictures.open else { throw error }
                log(error.description, variation)
                try await context.updateProgress(pictures.finish(variation))
            }
        }
    }

    /// After so long, pictures of others may come first.
    private static let turn = Duration.seconds(60)

    /// How far a job has come.
    private final class Pictures: Sendable {
        private let state: Mutex<(waiting: [Int64], done: [Int64], isOpen: Bool)>

        init(of variations: [Int64], done: [Int64]) {
            state = Mutex((waiting: variations.filter { !done.contains($0) }, done: done, isOpen: false))
        }

        var next: Int64? { state.withLock { $0.waiting.first } }

        /// The variation whose page is open.
        var open: Int64? { state.withLock { $0.isOpen ? $0.waiting.first : nil } }

        func begin() { state.withLock { $0.isOpen = true } }

        /// - Returns: the job's progress.
        func finish(_ variation: Int64) -> JSONValue {
            state.withLock { state in
                state.isOpen = false
                state.waiting.removeAll { $0 == variation }
                state.done.append(variation)
                return ["done": JSONValue(state.done)]
            }
        }
    }

    /// A page that cannot be shown has no picture; the others still get theirs.
    private func take(_ variation: Int64, of id: Int64, _ projectID: Int64, _ browser: Browser) async throws {
        do {
            // What has been deleted meanwhile needs none.
            guard let visit = try await visit(variation, id, projectID) else { return }
            let bytes = try await browser.picture(of: visit, maximumBytes: Picture.maximumBytes)
            try await screenshots.add(
                try await Picture.reading(bytes), variationID: variation, projectID: projectID, isManual: false)
        } catch BrowserError.ended {
            throw BrowserError.ended
        } catch let error as BrowserError {
            log(error.description, variation)
        } catch let error as ImageError {
            log(error.description, variation)
        }
    }

    private func log(_ reason: String, _ variation: Int64) {
        logger.warning(
            "no screenshot could be taken", metadata: ["variation": "\(variation)", "reason": "\(reason)"])
    }
}

extension ScreenshotJob {
    /// One unfinished job an experience.
    static func group(_ experienceID: Int64) -> String { "screenshots-\(experienceID)" }

    /// Experiences of one account whose pictures may wait to be taken.
    static let mostWaiting = 1_000

    static func make(_ variations: [Int64], experienceID: Int64, projectID: Int64) -> NewJob {
        NewJob(
            kind: kind, environmentID: nil, holder: .project(projectID),
            payload: ScreenshotOrder(project: projectID, experience: experienceID, variations: variations),
            exclusiveGroup: group(experienceID), mostWaiting: mostWaiting)
    }

    static func done(_ job: Job) -> [Int64] { job.progress?["done"]?.array?.compactMap(\.int64) ?? [] }
}

/// Whose pictures are taken.
public struct ScreenshotOrder: JobPayload {
    let project: Int64
    let experience: Int64
    let variations: [Int64]

    public var json: JSONValue {
        ["project": .integer(project), "experience": .integer(experience), "variations": JSONValue(variations)]
    }
}

extension ScreenshotOrder {
    public init?(_ job: Job) {
        let stored = job.payload
        guard let project = stored["project"]?.int64, let experience = stored["experience"]?.int64 else { return nil }
        self.init(
            project: project, experience: experience,
            variations: stored["variations"]?.array?.compactMap(\.int64) ?? [])
    }
}

extension ScreenshotStore {
    /// Has pictures taken in the background.
    /// - Parameters:
    ///   - variations: of the experience.
    ///   - replacesManual: also of variations that somebody uploaded a picture of.
    /// - Returns: how many pictures will be taken.
    /// - Throws: ``JobError/alreadyRunning(jobID:)``, ``JobError/tooManyWaiting(limit:)``.
    public func take(
        _ variations: [Int64], experienceID: Int64, projectID: Int64, replacesManual: Bool
    ) async throws -> Int {
        var wanted = variations
        if !replacesManual {
            let manual = try await manual(of: wanted)
            wanted.removeAll { manual.contains($0) }
        }
        guard !wanted.isEmpty else { return 0 }
        try await jobs.enqueue(ScreenshotJob.make(wanted, experienceID: experienceID, projectID: projectID))
        return wanted.count
    }
}
