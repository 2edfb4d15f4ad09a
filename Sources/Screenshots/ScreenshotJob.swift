public import Browser
public import Experiments
import Images
import JSON
public import Jobs
public import Logging

/// Takes pictures of the variations of an experience, in the background (contract operation
/// `triggerExperienceScreenshots`).
public struct ScreenshotJob: JobHandler {
    public static let kind = "screenshots"

    private let screenshots: ScreenshotStore
    private let experiences: ExperienceService
    private let chromium: Chromium
    private let logger: Logger

    public init(
        screenshots: ScreenshotStore, experiences: ExperienceService, chromium: Chromium, logger: Logger
    ) {
        self.screenshots = screenshots
        self.experiences = experiences
        self.chromium = chromium
        self.logger = logger
    }

    public func run(_ job: JobContext) async throws {
        guard let projectID = job.job.payload["project"]?.int64, let id = job.job.payload["experience"]?.int64 else {
            throw PermanentJobFailure("the job names no experience")
        }
        let done = Self.done(job.job)
        let waiting = Self.variations(job.job).filter { !done.contains($0) }
        guard !waiting.isEmpty else { return }
        do {
            try await chromium.run { browser in
                var done = done
                for variation in waiting {
                    try await take(variation, of: id, projectID, browser)
                    done.append(variation)
                    try await job.updateProgress(["done": JSONValue(done)])
                }
            }
        } catch let error as BrowserError {
            if case .notInstalled = error { throw PermanentJobFailure(error.description) }
            throw error
        }
    }

    /// A page that cannot be shown has no picture; the others still get theirs.
    private func take(_ variation: Int64, of id: Int64, _ projectID: Int64, _ browser: Browser) async throws {
        do {
            // What has been deleted meanwhile needs none.
            guard let page = try await experiences.page(of: variation, experienceID: id, projectID: projectID) else {
                return
            }
            let bytes = try await browser.picture(of: PageVisit(page), maximumBytes: Picture.maximumBytes)
            try await screenshots.add(
                try Picture(bytes), variationID: variation, projectID: projectID, isManual: false)
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

    static func make(_ variations: [Int64], experienceID: Int64, projectID: Int64) -> NewJob {
        NewJob(
            kind: kind, environmentID: nil,
            payload: [
                "project": .integer(projectID), "experience": .integer(experienceID),
                "variations": JSONValue(variations),
            ], exclusiveGroup: group(experienceID))
    }

    static func variations(_ job: Job) -> [Int64] { job.payload["variations"]?.array?.compactMap(\.int64) ?? [] }

    static func done(_ job: Job) -> [Int64] { job.progress?["done"]?.array?.compactMap(\.int64) ?? [] }
}

extension PageVisit {
    init(_ page: VariationPage) {
        self.init(url: page.url)
        redirect = page.redirect.map {
            Redirect(
                pattern: $0.pattern, replacement: $0.replacement, isCaseSensitive: $0.isCaseSensitive)
        }
        css = page.css
        javaScript = page.javaScript
        query = page.query
    }
}
