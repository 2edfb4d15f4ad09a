package import EventStore
import JSON
public import Jobs
package import Time

/// Removes events of an experience for good, and what is known because of them: figures are then as if they had never been
/// sent. A run after a crash does again what the one before has done, which changes nothing.
public struct ReportDataRemovalHandler: JobHandler {
    public static let jobKind = "report_data_removal"

    private let events: EventStore
    private let visitors: any ReportVisitors
    private let copies: any ReportCopies
    private let results: any ReportResults
    private let erasure: any ReportErasure
    private let clock: WallClock

    package init(
        events: EventStore, visitors: any ReportVisitors, copies: any ReportCopies, results: any ReportResults,
        erasure: any ReportErasure, clock: WallClock
    ) {
        self.events = events
        self.visitors = visitors
        self.copies = copies
        self.results = results
        self.erasure = erasure
        self.clock = clock
    }

    /// Tries to find a moment in which nobody comes.
    private static let countings = 5

    /// Visitors that are read at a time: each reading goes through the experience's events.
    private static let visitorsAtOnce = 20_000

    public func run(_ order: ReportDataOrder, _ context: JobContext) async throws {
        let selection = order.selection
        try await visitors.settle()
        // The log tells only before the deletion what is to go, and whose copies are to follow.
        var progress = RemovalProgress(context.job.progress)
        if !progress.isBegun {
            progress = RemovalProgress(
                counts: try await events.counts(selection),
                environments: try await events.environments(
                    experienceID: selection.experienceID, projectID: selection.projectID))
            try await context.updateProgress(progress.json)
        }
        try await forgetVisitors(selection)
        try await events.delete(selection)
        // Before the counts change, which has it looked at anew.
        try await results.forget(
            experienceID: selection.experienceID, projectID: selection.projectID)
        try await count(selection)
        for environmentID in progress.environments { try await copies.reconcile(environmentID: environmentID) }
        try await erasure.schedule()
        context.setResult(progress.json)
    }

    /// Before the events go, which say whom to forget.
    private func forgetVisitors(_ selection: ExperimentEventSelection) async throws {
        var last: String?
        while true {
            let losses = try await events.losses(selection, after: last, limit: Self.visitorsAtOnce)
            try await visitors.forget(
                losses, experienceID: selection.experienceID, projectID: selection.projectID,
                upTo: selection.receivedBy)
            guard losses.count == Self.visitorsAtOnce else { return }
            last = losses.last?.visitorID
        }
    }

    /// Brings what is counted as events come in to what the log says.
    private func count(_ selection: ExperimentEventSelection) async throws {
        for attempt in 1...Self.countings {
            try await visitors.settle()
            let before = try await visitors.traffic(experienceID: selection.experienceID)
            let found = try await events.traffic(
                experienceID: selection.experienceID, projectID: selection.projectID, receivedBy: clock.now)
            let counted = try await visitors.traffic(experienceID: selection.experienceID)
            // What was counted meanwhile may be found, or not.
            guard before == counted || attempt == Self.countings else { continue }
            return try await visitors.addTraffic(
                visitors: found.visitors - counted.visitors, conversions: found.conversions - counted.conversions,
                experienceID: selection.experienceID)
        }
    }
}

/// What was to go when the job began.
struct RemovalProgress {
    let counts: [ExperimentEvent.Kind: Int64]
    let environments: [Int64]
    let isBegun: Bool

    init(counts: [ExperimentEvent.Kind: Int64], environments: [Int64]) {
        self.counts = counts
        self.environments = environments
        isBegun = true
    }

    /// As it is stored; nothing where nothing is.
    init(_ json: JSONValue?) {
        isBegun = json?["environments"] != nil
        environments = json?["environments"]?.array?.compactMap(\.int64) ?? []
        counts = Dictionary(
            ExperimentEvent.Kind.allCases.compactMap { kind in
                json?["counts"]?[kind.rawValue]?.int64.map { (kind, $0) }
            }
        ) { first, _ in first }
    }

    var json: JSONValue {
        ["counts": .object(Self.members(counts)), "environments": JSONValue(environments)]
    }

    static func members(_ counts: [ExperimentEvent.Kind: Int64]) -> JSONObject {
        JSONObject(
            ExperimentEvent.Kind.allCases.compactMap { kind in counts[kind].map { (kind.rawValue, .integer($0)) } })
    }
}
