import Foundation
import JSON
import Synchronization
import Time

/// What the visitors of one experience did up to a position of the log: files that reports read instead of the log.
///
/// It is made from the log and from nothing else, never changed, and may be thrown away at any time. It holds what the log holds
/// up to its position exactly when that has the same ``Content/check``.
final class ExperimentSummary: Sendable {
    /// Whose it is.
    struct Key: Hashable, Sendable {
        let projectID: Int64
        let experienceID: Int64

        /// In SQL over a row of the log.
        var scope: String { "project_id = \(projectID) AND experience_id = \(experienceID)" }
    }

    /// What it is made of. Visitors have a number each.
    enum Part: String, CaseIterable, Sendable {
        /// Who did anything: `number`, `high` and `low` of what the id is made into, `first_seen`, `variation_id`,
        /// `other_variation_id` (the least and the greatest), and the `profile` at the first view.
        case visitors
        /// What they did about goals: `number`, `goal_id`, `occurred_at`, `is_order`, `revenue`, `products`.
        case conversions
        /// Who reached which goal, of visitors of one variation: `number`, `goal_id`, `orders`, `revenue` and `products` in
        /// all, and what is known of the visitor.
        case converters
        /// The profiles of visitors who had several first views at the same time, and so no profile of their own.
        case ties
        /// What a `profile` stands for: columns of the log.
        case profiles
    }

    /// Of rows of the log: how many, and the sum of what their ids are made into.
    struct Check: Sendable, Equatable {
        let rows: Int
        let sum: String

        /// What is selected so that it can be read.
        static let selection = "count(*), coalesce(sum(hash(exposure_id)), 0)::VARCHAR"
    }

    struct File: Sendable, Equatable {
        let part: Part
        let name: String
        let byteCount: Int
        let digest: FileDigest
    }

    struct Content: Sendable, Equatable {
        let key: Key
        /// The last event that it knows of; later ones have greater ids.
        let last: EventIdentifier
        let check: Check
        /// When the latest of its events happened.
        let latest: Timestamp
        /// Where its events come from.
        let environments: [Int64]
        let hasTies: Bool
        let files: [File]

        var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

        /// In SQL over a row of the log: whether it is behind the summary.
        var behind: String { "exposure_id > '\(last)'::UUID" }
        /// The same, whether it is in there.
        var within: String { "exposure_id <= '\(last)'::UUID" }
    }

    /// How often the log has changed otherwise than by events behind all others. What was right then is right for as long as this
    /// does not change.
    struct Moment: Sendable, Equatable {
        /// ``EventStore/history``.
        let history: Int
        /// Deletions of what the summary may hold that have begun, and that have ended.
        let deletions: Int
    }

    private struct State {
        var verified: Moment?
        var deletions = 0
        var isRead = false
        var lastUse = ContinuousClock.now
    }

    let content: Content
    let folder: String
    private let state: Mutex<State>
    private let isRetired = Atomic<Bool>(false)

    /// - Parameter verified: when it was known to hold what the log holds; nil when it is still to be looked at.
    init(_ content: Content, folder: String, verified: Moment? = nil) {
        self.content = content
        self.folder = folder
        state = Mutex(State(verified: verified, isRead: verified != nil))
    }

    deinit {
        if isRetired.load(ordering: .acquiring) { remove() }
    }

    /// Removes the files.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Has the files removed with the last reference.
    func retire() {
        isRetired.store(true, ordering: .releasing)
    }

    /// A part, as a table in SQL.
    func source(_ part: Part) -> String {
        let paths = content.files.filter { $0.part == part }.map {
            "'" + ExperimentSQL.quoted("\(folder)/\($0.name)") + "'"
        }
        return "read_parquet([\(paths.joined(separator: ", "))])"
    }

    /// - Parameter history: ``EventStore/history``.
    func moment(_ history: Int) -> Moment { state.withLock { Moment(history: history, deletions: $0.deletions) } }

    /// Notes that something is about to be deleted that it may hold, or has been.
    func noteDeletion() { state.withLock { $0.deletions += 1 } }

    func isVerified(at moment: Moment) -> Bool { state.withLock { $0.verified == moment } }

    /// - Parameter moment: before it was looked at.
    func noteVerified(at moment: Moment) {
        state.withLock { state in
            state.verified = moment
            state.isRead = true
        }
    }

    /// Whether the files are as they were written. They are read once. Blocks.
    var isIntact: Bool {
        state.withLock(\.isRead) || content.files.allSatisfy { FileDigest(of: "\(folder)/\($0.name)") == $0.digest }
    }

    var lastUse: ContinuousClock.Instant { state.withLock(\.lastUse) }

    func noteUse() {
        state.withLock { $0.lastUse = .now }
    }
}
