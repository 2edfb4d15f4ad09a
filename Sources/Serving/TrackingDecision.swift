import EventStore
import JSON

/// What becomes of a visitor's events, given what was known of them.
struct TrackingDecision {
    /// An event to store; it gets its id when it is.
    struct Kept: Equatable {
        let kind: ExperimentEvent.Kind
        let assignments: [ExperimentEvent.Assignment]
        var conversion: TrackingBatch.Conversion?
        let segments: ReportingSegments
    }

    private(set) var kept: [Kept] = []
    private(set) var rejections: [TrackingRejection: Int] = [:]
    private(set) var state: VisitorState

    /// Bytes of a visitor's id.
    static let maximumVisitorIDBytes = 255

    /// - Parameters:
    ///   - state: what was known of the visitor.
    ///   - isNew: told of each transaction; whether it counts for the first time.
    init(
        _ visitor: TrackingBatch.Visitor, isEnriched: Bool, _ state: VisitorState, _ project: TrackedProject,
        isNew: (_ goalID: Int64, _ transactionID: String) throws -> Bool
    ) rethrows {
        self.state = state
        guard !visitor.id.isEmpty, visitor.id.utf8.count <= Self.maximumVisitorIDBytes else {
            rejections[.visitor] = visitor.events.count
            return
        }
        self.state.segments = visitor.segments.laid(over: state.segments)
        // What is told counts; what is not is filled in only for those who ask for it.
        let segments = (isEnriched ? self.state.segments : visitor.segments).reported
        for event in visitor.events {
            switch event {
            case .bucketing(let experienceID, let variationID):
                bucket(experienceID, variationID, isEnriched: isEnriched, project, segments)
            case .conversion(let conversion):
                try convert(conversion, isEnriched: isEnriched, project, segments, isNew)
            }
        }
    }

    private mutating func bucket(
        _ experienceID: Int64, _ variationID: Int64, isEnriched: Bool, _ project: TrackedProject,
        _ segments: ReportingSegments
    ) {
        if let rejection = project.rejection(experienceID: experienceID, variationID: variationID) {
            return reject(rejection)
        }
        if isEnriched, let stored = state.buckets[experienceID],
            project.rejection(experienceID: experienceID, variationID: stored) == nil
        {
            return reject(.repeated)
        }
        state.buckets[experienceID] = variationID
        let assignment = ExperimentEvent.Assignment(experienceID: experienceID, variationID: variationID)
        kept.append(Kept(kind: .viewExperience, assignments: [assignment], segments: segments))
    }

    private mutating func convert(
        _ conversion: TrackingBatch.Conversion, isEnriched: Bool, _ project: TrackedProject,
        _ segments: ReportingSegments, _ isNew: (_ goalID: Int64, _ transactionID: String) throws -> Bool
    ) rethrows {
        guard project.goals.contains(conversion.goalID) else { return reject(.goal) }
        if let transactionID = conversion.transactionID, try !isNew(conversion.goalID, transactionID) {
            return reject(.transaction)
        }
        let buckets = isEnriched ? state.buckets.merging(conversion.buckets) { $1 } : conversion.buckets
        let assignments = buckets.sorted { $0.key < $1.key }.compactMap { experienceID, variationID in
            project.rejection(experienceID: experienceID, variationID: variationID) == nil
                && project.experiences[experienceID]?.goals.contains(conversion.goalID) == true
                ? ExperimentEvent.Assignment(experienceID: experienceID, variationID: variationID) : nil
        }
        let isTransaction =
            conversion.revenue != nil || conversion.productsCount != nil || conversion.transactionID != nil
        kept.append(
            Kept(
                kind: isTransaction ? .transaction : .conversion, assignments: assignments, conversion: conversion,
                segments: segments))
    }

    private mutating func reject(_ reason: TrackingRejection) { rejections[reason, default: 0] += 1 }
}
