import EventStore
import JSON
import Time

/// What becomes of a visitor's events, given what was known of them.
struct TrackingDecision {
    /// An event to store; it gets its id when it is.
    struct Kept: Equatable {
        let kind: ExperimentEvent.Kind
        /// The environment of what it counts for; nil for the client's own.
        let environment: String?
        let assignments: [ExperimentEvent.Assignment]
        var conversion: TrackingBatch.Conversion?
        let segments: ReportingSegments
        /// Whether nothing was known of the visitor in the experience that is seen.
        var isNewVisitor = false
    }

    private(set) var kept: [Kept] = []
    private(set) var rejections: [TrackingRejection: Int] = [:]
    var state: VisitorState
    /// Whether the visitor came into an experience that tests them, now or again.
    private(set) var isTested = false

    /// Characters (code points) of a visitor's id.
    private static let maximumVisitorIDLength = 255
    private let project: TrackedProject
    private let now: Timestamp
    private let environment: String?
    private let isEnriched: Bool
    private let takesNew: Bool

    /// - Parameters:
    ///   - state: what was known of the visitor.
    ///   - takesNew: whether the visitor may come into a test that they were never seen in.
    ///   - environment: the only one that the client may see; nil for all.
    ///   - now: when the events happened.
    ///   - isNew: told of each transaction; whether it counts for the first time.
    init(
        _ visitor: TrackingBatch.Visitor, isEnriched: Bool, _ state: VisitorState, _ project: TrackedProject,
        environment: String? = nil, takesNew: Bool = true, at now: Timestamp,
        isNew: (_ goalID: Int64, _ transactionID: String) throws -> Bool
    ) rethrows {
        self.state = state
        self.project = project
        self.environment = environment
        self.isEnriched = isEnriched
        self.takesNew = takesNew
        self.now = now
        guard Self.isVisitorID(visitor.id) else {
            rejections[.visitor] = max(visitor.events.count, 1)
            return
        }
        self.state.segments = visitor.segments.laid(over: state.segments)
        // What is told counts; what is not is filled in only for those who ask for it.
        let segments = (isEnriched ? self.state.segments : visitor.segments).reported
        for event in visitor.events {
            switch event {
            case .bucketing(let experienceID, let variationID):
                bucket(experienceID, variationID, segments)
            case .conversion(let conversion):
                try convert(conversion, segments, isNew)
            }
        }
    }

    /// Whether a visitor may have this id.
    static func isVisitorID(_ id: String) -> Bool {
        !id.isEmpty && id.unicodeScalars.count <= maximumVisitorIDLength
    }

    private func canCount(_ experienceID: Int64, _ variationID: Int64) -> Bool {
        project.rejection(experienceID: experienceID, variationID: variationID, environment: environment) == nil
    }

    private mutating func bucket(_ experienceID: Int64, _ variationID: Int64, _ segments: ReportingSegments) {
        if let rejection = project.rejection(
            experienceID: experienceID, variationID: variationID, environment: environment)
        {
            return reject(rejection)
        }
        // The first that is seen stays the visitor's, as long as it runs.
        let isNewVisitor = state.buckets[experienceID] == nil
        let isTest = project.experiences[experienceID]?.isTest ?? false
        if isTest, isNewVisitor, !takesNew { return reject(.quota) }
        isTested = isTested || isTest
        let isFirst = state.buckets[experienceID].map { !canCount(experienceID, $0) } ?? true
        if isFirst {
            state.enter(experienceID, variationID, at: now)
        } else if isEnriched {
            return reject(.repeated)
        }
        let assignment = ExperimentEvent.Assignment(experienceID: experienceID, variationID: variationID)
        kept.append(
            Kept(
                kind: .viewExperience, environment: project.experiences[experienceID]?.environment,
                assignments: [assignment], segments: segments, isNewVisitor: isNewVisitor))
    }

    private mutating func convert(
        _ conversion: TrackingBatch.Conversion, _ segments: ReportingSegments,
        _ isNew: (_ goalID: Int64, _ transactionID: String) throws -> Bool
    ) rethrows {
        guard project.goals.contains(conversion.goalID) else { return reject(.goal) }
        guard project.tracks(conversion.goalID, at: now) else { return reject(.idleGoal) }
        if let transactionID = conversion.transactionID, try !isNew(conversion.goalID, transactionID) {
            return reject(.transaction)
        }
        let assignments = assignments(of: conversion)
        let counted = state.count(conversion, for: assignments, isEnriched: isEnriched)
        guard counted.conversion != nil || counted.isTransaction else { return reject(.repeated) }
        if let assignments = counted.conversion { keep(conversion.withoutValues, .conversion, assignments, segments) }
        if counted.isTransaction { keep(conversion, .transaction, assignments, segments) }
    }

    /// What a conversion counts for: the experiences after its goal that its visitor is in, in the order of their ids.
    private func assignments(of conversion: TrackingBatch.Conversion) -> [ExperimentEvent.Assignment] {
        let known = isEnriched ? state.buckets : [:]
        var candidates = project.experiencesByGoal[conversion.goalID] ?? []
        // Whichever are fewer: one request may name many of either for many goals.
        if conversion.buckets.count + known.count < candidates.count {
            candidates = Set(conversion.buckets.keys).union(known.keys).sorted()
                .filter { project.experiences[$0]?.goals.contains(conversion.goalID) == true }
        }
        return candidates.compactMap { experienceID in
            // What cannot count hides nothing that can.
            let variation = [conversion.buckets[experienceID], known[experienceID]].compactMap(\.self)
                .first { canCount(experienceID, $0) }
            return variation.map { ExperimentEvent.Assignment(experienceID: experienceID, variationID: $0) }
        }
    }

    private mutating func keep(
        _ conversion: TrackingBatch.Conversion, _ kind: ExperimentEvent.Kind,
        _ assignments: [ExperimentEvent.Assignment], _ segments: ReportingSegments
    ) {
        kept.append(
            Kept(
                kind: kind,
                environment: assignments.first.flatMap { project.experiences[$0.experienceID]?.environment },
                assignments: assignments, conversion: conversion, segments: segments))
    }

    private mutating func reject(_ reason: TrackingRejection) { rejections[reason, default: 0] += 1 }
}
