public import Browser
public import Experiments
import Identity
import Jobs

/// Asks for pictures of variations.
public struct ScreenshotService: Sendable {
    private let screenshots: ScreenshotStore
    private let experiences: ExperienceService
    private let chromium: Chromium

    public init(screenshots: ScreenshotStore, experiences: ExperienceService, chromium: Chromium) {
        self.screenshots = screenshots
        self.experiences = experiences
        self.chromium = chromium
    }

    /// Has pictures taken in the background.
    /// - Parameters:
    ///   - variations: of the experience; all when nil.
    ///   - replacesManual: also of variations that somebody uploaded a picture of.
    /// - Returns: how many pictures will be taken.
    /// - Throws: ``ExperimentsError``, ``BrowserError/notInstalled(path:)``, ``JobError/alreadyRunning(jobID:)``.
    public func take(
        _ variations: [Int64]?, of experienceID: Int64, replacesManual: Bool, _ scope: ResourceScope
    ) async throws -> Int {
        let all = try await experiences.variationsWithPages(of: experienceID, scope)
        var wanted = all
        if let variations {
            for (index, id) in variations.enumerated() where !all.contains(id) {
                throw ExperimentsError.invalid(
                    "variations[\(index)]", "variations[\(index)]: there is no variation \(id) in this experience.")
            }
            let named = Set(variations)
            wanted = all.filter(named.contains)
        }
        guard chromium.isInstalled else { throw BrowserError.notInstalled(path: chromium.path) }
        if !replacesManual {
            let manual = try await screenshots.manual(of: wanted)
            wanted.removeAll { manual.contains($0) }
        }
        guard !wanted.isEmpty else { return 0 }
        try await screenshots.jobs.enqueue(
            ScreenshotJob.make(wanted, experienceID: experienceID, projectID: scope.project.id))
        return wanted.count
    }
}
