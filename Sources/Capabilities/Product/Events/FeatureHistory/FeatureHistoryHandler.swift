package import EventStore
import JSON
public import Jobs
import Text
package import Time

/// Looks for a feature in the log, page by page, behind the live traffic: where its rules find a use that is not stored, a
/// `track_feature` event of the time of the event that it was found in.
///
/// Each use has an id made of that event's, by which it is known again: a run after a crash, and another search, store none
/// twice. What was found as it arrived is known, too.
public struct FeatureHistoryHandler: JobHandler {
    private let store: EventStore
    private let writer: EventWriter
    private let features: any SoughtFeatures
    private let denied: any DeniedUsers
    private let calls: CallsUnderWay
    private let removals: Turns
    private let clock: WallClock

    /// Events of a page.
    private let pageSize: Int
    /// Events between two positions of the log that are read by pages: what a page costs depends on them.
    private static let pieceSize = 50_000
    /// How long a run goes on before it lets others have their turn.
    private static let turn = Duration.seconds(20)
    /// Longest pause after a page; the others are as long as the page took.
    private static let longestPause = Duration.seconds(1)
    /// How long after a change of its rules events may be stored that were read before it.
    private static let slackSeconds: Int64 = 3_600
    /// How far ahead of the clock events may say that they happened.
    private static let daySeconds: Int64 = 86_400

    /// - Parameters:
    ///   - features: by whose rules uses are found.
    ///   - denied: whose events are left alone.
    ///   - calls: those that bring events.
    ///   - removals: whoever removes events has such a turn, so that nothing is made of an event while it is removed.
    package init(
        store: EventStore, writer: EventWriter, features: any SoughtFeatures, denied: any DeniedUsers,
        calls: CallsUnderWay, removals: Turns, clock: WallClock, pageSize: Int = 2_000
    ) {
        self.store = store
        self.writer = writer
        self.features = features
        self.denied = denied
        self.calls = calls
        self.removals = removals
        self.clock = clock
        self.pageSize = pageSize
    }

    public func run(_ order: FeatureHistoryOrder, _ context: JobContext) async throws {
        let turnEnd = ContinuousClock.now + Self.turn
        var progress: FeatureHistoryProgress
        if let stored = FeatureHistoryProgress(context.job.progress) {
            progress = stored
        } else {
            progress = try await begin(order)
        }
        for end in try await pieces(of: progress, order) {
            var goesOn = true
            while goesOn {
                let began = ContinuousClock.now
                goesOn = try await lookThrough(order, &progress, upTo: end)
                try await context.updateProgress(progress.json)
                // Half of the time is others'.
                try await Task.sleep(for: min(ContinuousClock.now - began, Self.longestPause))
                if ContinuousClock.now >= turnEnd { throw JobGivesWay() }
            }
        }
        context.setResult(progress.json)
    }

    /// Where it begins and ends, and how much there is in between.
    private func begin(_ order: FeatureHistoryOrder) async throws -> FeatureHistoryProgress {
        // What was read by older rules is in the log then.
        try await calls.settle()
        var end = try await store.end() ?? .start
        if let from = order.countsFrom.flatMap({ LogPosition(stored: $0) }) {
            end = min(end, LogPosition(at: from.time.adding(seconds: Self.slackSeconds)))
        }
        let start = order.since.map { LogPosition(at: $0.adding(seconds: -Self.daySeconds)) } ?? .start
        let total = try await store.featureEventCount(
            environmentID: order.stream.environmentID, after: start, upTo: end)
        return FeatureHistoryProgress(position: start.stored, end: end.stored, totalEvents: total)
    }

    /// The ends of the pieces that are left, as positions are kept.
    private func pieces(of progress: FeatureHistoryProgress, _ order: FeatureHistoryOrder) async throws -> [String] {
        guard let position = LogPosition(stored: progress.position), let end = LogPosition(stored: progress.end),
            position < end
        else { return [] }
        let cuts = try await store.cuts(
            of: .events, environmentID: order.stream.environmentID, after: position, upTo: end, size: Self.pieceSize)
        return cuts.map(\.stored) + [progress.end]
    }

    /// Looks through the next page of a piece.
    /// - Returns: whether there is another one.
    private func lookThrough(
        _ order: FeatureHistoryOrder, _ progress: inout FeatureHistoryProgress, upTo stored: String
    ) async throws -> Bool {
        guard let position = LogPosition(stored: progress.position), let end = LogPosition(stored: stored),
            position < end
        else { return false }
        guard features.soughtSince(order.tag, environmentID: order.stream.environmentID) == order.countsSince else {
            throw PermanentJobFailure("The feature is no longer looked for by the elements that it had.")
        }
        await removals.begin()
        defer { removals.end() }
        let page = try await store.featureEvents(
            environmentID: order.stream.environmentID, after: position, upTo: end, limit: pageSize)
        let isLast = !page.isCut && stored == progress.end
        let read = FeatureSources(page.events, page.isCut ? .page : isLast ? .log : .piece)
        try await add(read.sources, order, &progress)
        let next = isLast ? end : read.next ?? position
        progress.examinedEvents += page.events.identifiers.count { next.includes($0) }
        progress.position = next.stored
        return page.isCut
    }

    private func add(
        _ sources: [FeatureSources.Source], _ order: FeatureHistoryOrder, _ progress: inout FeatureHistoryProgress
    ) async throws {
        let environmentID = order.stream.environmentID
        var found: [FeatureSources.Source] = []
        for source in sources where isMeant(source.event, order) {
            let seen = SeenEvent(source.event)
            let tags = features.tags(of: seen, environmentID: environmentID)
            if tags.tags.contains(where: { $0.utf8.elementsEqual(order.tag.utf8) }) {
                if !source.uses.contains(where: { FoundUse.isUse($0, of: order.tag, in: source.event) }) {
                    found.append(source)
                }
            } else if tags.isCut {
                progress.limitedEvents += 1
            }
        }
        found = try await unknown(found, order)
        guard !found.isEmpty else { return }
        // A batch of past events names no companies: their users may be in others now.
        var builder = EventBatchBuilder(
            receivedAt: clock.now, expectedEvents: found.count, expectedTextBytes: found.count * 256,
            namesCompanies: false)
        for source in found { Self.add(order.tag, in: source, order.stream, to: &builder) }
        for outcome in try await write(builder.build()) {
            if case .accepted = outcome { progress.addedUses += 1 }
        }
    }

    private func isMeant(_ event: EventView, _ order: FeatureHistoryOrder) -> Bool {
        if let since = order.since, event.occurredAt < since { return false }
        return event.withUTF8(of: .userID) { user in
            user.map { !denied.isDenied($0, environmentID: order.stream.environmentID) } ?? true
        }
    }

    /// Those of which no earlier run has stored a use.
    private func unknown(
        _ found: [FeatureSources.Source], _ order: FeatureHistoryOrder
    ) async throws -> [FeatureSources.Source] {
        let times = found.map(\.event.occurredAt)
        guard let first = times.min(), let last = times.max() else { return [] }
        let ids = found.map { FoundUse.laterID(of: order.tag, in: $0.identifier) }
        let stored = try await store.storedUses(
            ids, ofFeature: order.tag, environmentID: order.stream.environmentID, in: first...last)
        return zip(found, ids).filter { !stored.contains(ClientText($0.1)) }.map(\.0)
    }

    private static func add(
        _ tag: String, in source: FeatureSources.Source, _ stream: EventStream, to builder: inout EventBatchBuilder
    ) {
        let event = source.event
        builder.begin(
            .trackFeature, in: stream, source: event.source, surface: event.surface, occurredAt: event.occurredAt)
        builder.set(.eventName, to: tag)
        for field in FeatureForm.copied {
            event.withUTF8(of: field) { bytes in
                if let bytes { builder.set(field, to: bytes) }
            }
        }
        builder.set(.clientEventID, to: FoundUse.laterID(of: tag, in: source.identifier))
        builder.finish(in: stream)
    }

    /// Waits out a full queue: live traffic goes first.
    private func write(_ batch: EventBatch) async throws -> [EventOutcome] {
        while true {
            do {
                return try await writer.write(batch, priority: .background)
            } catch {
                guard case .overloaded = error else { throw error }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

extension SeenEvent {
    fileprivate init(_ event: EventView) {
        self.init(
            isPageView: event.type == .pageView, eventName: event[.eventName] ?? "", host: event[.hostname] ?? "",
            path: event[.pathname] ?? "", event.withUTF8(of: .properties) { Self.properties($0) })
    }
}
