import EventStore
import Synchronization
import Text
import Time

/// The latest events of environments: read once for all subscriptions that have come as far, however many those are.
///
/// What it holds of an environment is a part of the log without gaps, its window. Who stands within it is given events from
/// memory; who stands before it, such as after a pause, reads the log alone until it has come up to it.
final class RecentEvents: Sendable {
    /// What there is for a subscription behind a position.
    enum Found {
        /// The position lies before the window.
        case tooEarly
        /// Events in the log's order, and up to where there are no others.
        case events([LoggedEvent], upTo: LogPosition)
    }

    private let log: EventStore
    private let form: any WebhookForm
    private let windows = Mutex<[Int64: EventWindow]>([:])

    /// Bytes of the events of all windows. Beyond it those of the largest are given up.
    private static let maximumBytes = 64 * 1_024 * 1_024
    /// Events that are read at a time.
    private static let pageSize = 200
    /// Pages that an environment is read at a time: then others have their turn.
    private static let maximumPages = 5
    /// Environments that are read at a time.
    private static let readers = 4

    init(log: EventStore, form: any WebhookForm) {
        self.log = log
        self.form = form
    }

    /// How far the window of an environment has come; nil without one.
    func end(environmentID: Int64) -> LogPosition? { windows.withLock { $0[environmentID]?.upTo } }

    func events(of subscription: Subscription, behind position: LogPosition) -> Found {
        windows.withLock { windows in
            guard let window = windows[subscription.environmentID] else { return .tooEarly }
            return window.events(of: subscription.eventType, behind: position)
        }
    }

    /// Whether there is anything for a subscription behind a position; nil when the position lies before the window.
    func hasEvents(of subscription: Subscription, behind position: LogPosition) -> Bool? {
        windows.withLock { $0[subscription.environmentID]?.hasEvents(of: subscription.eventType, behind: position) }
    }

    /// Brings windows up to date.
    /// - Parameters:
    ///   - followers: the subscriptions to events of the log, with how far they have come.
    ///   - newest: before which the newest event of an environment lies.
    /// - Returns: why environments could not be read, should that be so: what they have stays as it is.
    func catchUp(
        _ followers: [(subscription: Subscription, position: LogPosition)], newest: (Int64) -> LogPosition
    ) async throws -> [any Error] {
        let groups = Dictionary(grouping: followers, by: \.subscription.environmentID)
        windows.withLock { windows in
            windows = windows.filter { groups[$0.key] != nil }
            for (environmentID, followers) in groups { Self.prepare(&windows[environmentID], for: followers, form) }
        }
        let behind = groups.keys.filter { id in end(environmentID: id).map { $0 < newest(id) } ?? false }
        guard !behind.isEmpty, let end = try await log.end() else { return [] }
        return await withTaskGroup(of: (any Error)?.self) { group in
            var errors: [any Error] = []
            for (number, environmentID) in behind.enumerated() {
                if number >= Self.readers, let error = await group.next() ?? nil { errors.append(error) }
                group.addTask {
                    do {
                        try await self.read(environmentID, upTo: end)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for await case let error? in group { errors.append(error) }
            return errors
        }
    }

    /// Begins a window where the one is that has come furthest, and lets go of what all have passed.
    private static func prepare(
        _ window: inout EventWindow?, for followers: [(subscription: Subscription, position: LogPosition)],
        _ form: any WebhookForm
    ) {
        let types = Set(followers.map { ClientText($0.subscription.eventType) })
        let positions = followers.map(\.position)
        guard let furthest = positions.max() else { return }
        let known = window.flatMap { types.isSubset(of: $0.types) ? $0 : nil }
        var next = known ?? EventWindow(of: types, at: furthest, form)
        next.drop(upTo: positions.filter(next.contains).min() ?? furthest)
        window = next
    }

    private func read(_ environmentID: Int64, upTo end: LogPosition) async throws {
        for _ in 0..<Self.maximumPages {
            let known = windows.withLock { $0[environmentID].map { ($0.upTo, $0.list(environmentID, upTo: end)) } }
            guard let (start, list) = known, start < end else { return }
            let (page, isLast) = try await log.page(of: list, behind: start, upTo: Self.pageSize)
            windows.withLock { windows in
                guard windows[environmentID]?.upTo == start else { return }
                windows[environmentID]?.append(page, upTo: isLast ? end : nil)
                Self.bound(&windows)
            }
            if isLast { return }
        }
        // More comes than is worth sharing: each reads its own, and comes up to here.
        windows.withLock { $0[environmentID]?.skip(to: end) }
    }

    private static func bound(_ windows: inout [Int64: EventWindow]) {
        var bytes = windows.values.reduce(0) { $0 + $1.byteCount }
        while bytes > maximumBytes, let largest = windows.max(by: { $0.value.byteCount < $1.value.byteCount }) {
            bytes -= largest.value.byteCount
            windows[largest.key]?.drop(upTo: largest.value.upTo)
        }
    }
}

extension EventStore {
    /// Events of a list behind a position, fewer at a time where they are large.
    /// - Parameter limit: events at most.
    /// - Returns: also whether there are none behind them: so when the page is not full.
    func page(
        of list: EventList, behind start: LogPosition, upTo limit: Int
    ) async throws -> (page: EventList.Page, isLast: Bool) {
        for limit in [limit, max(limit / 10, 1)] {
            do {
                let page = try await page(of: list, behind: start, limit: limit)
                return (page, page.identifiers.count < limit)
            } catch is EventListError {
                continue
            }
        }
        let page = try await page(of: list, behind: start, limit: 1)
        return (page, page.identifiers.isEmpty)
    }
}
