import EventStore
import Text
import Time

/// The events of a part of an environment's log that anybody may have asked for, with which of them is for whom.
struct EventWindow: Sendable {
    /// The types of subscriptions that it is for.
    var types: Set<ClientText> { Set(selections.keys) }
    /// Behind there it begins.
    private(set) var from: LogPosition
    /// And there it ends.
    private(set) var upTo: LogPosition
    /// Roughly what the events hold in memory.
    private(set) var byteCount = 0

    private var pages: [Page] = []
    /// What each type of subscription stands for.
    private let selections: [ClientText: Selection]

    private struct Selection: Sendable {
        let types: Set<EventType>
        let alternatives: [[EventList.Term]]
        /// The number of its mark; nil when all events of its types are meant.
        let mark: Int?
    }

    private struct Page: Sendable {
        let events: [LoggedEvent]
        let marks: [[Bool]]
        let byteCount: Int
        let upTo: LogPosition
        let readAt: ContinuousClock.Instant
    }

    /// How long events are held at most: those of people who were deleted since are known for longer (``RecentRemovals``).
    private static let maximumAge = Duration.seconds(300)
    /// What is held at most: beyond it the oldest goes.
    private static let maximumEvents = 5_000
    private static let maximumBytes = 8 * 1_024 * 1_024

    /// An empty one that begins at a position.
    init(of types: Set<ClientText>, at position: LogPosition, _ form: any WebhookForm) {
        (from, upTo) = (position, position)
        var selections: [ClientText: Selection] = [:]
        var marks = 0
        for type in types {
            guard case .log(let selection) = form.source(of: type.string) else { continue }
            let isMarked = !selection.alternatives.isEmpty
            selections[type] = Selection(
                types: Set(selection.types), alternatives: selection.alternatives, mark: isMarked ? marks : nil)
            if isMarked { marks += 1 }
        }
        self.selections = selections
    }

    /// What is read for it.
    func list(_ environmentID: Int64, upTo end: LogPosition) -> EventList {
        let types = selections.values.reduce(into: Set<EventType>()) { $0.formUnion($1.types) }
        var list = EventList(
            environmentID: environmentID, types: Array(types), span: Timestamp.earliest..<Timestamp.latest, upTo: end)
        let marked = selections.values.filter { $0.mark != nil }.sorted { ($0.mark ?? 0) < ($1.mark ?? 0) }
        list.marks = marked.map(\.alternatives)
        if marked.count == selections.count { list.alternatives = marked.flatMap(\.alternatives) }
        return list
    }

    /// Whether a position is one to go on from.
    func contains(_ position: LogPosition) -> Bool { position >= from }

    /// Adds what was read behind its end.
    /// - Parameter end: up to where there is nothing more; nil for up to the last event.
    mutating func append(_ page: EventList.Page, upTo end: LogPosition?) {
        let last = page.identifiers.last.map(LogPosition.init(after:)) ?? upTo
        upTo = max(end ?? last, upTo)
        guard !page.events.isEmpty else { return }
        pages.append(Page(events: page.logged, marks: page.marks, byteCount: page.byteCount, upTo: last, readAt: .now))
        byteCount += page.byteCount
        while byteCount > Self.maximumBytes || pages.reduce(0, { $0 + $1.events.count }) > Self.maximumEvents {
            dropFirst()
        }
    }

    /// Goes on from a position further ahead, with nothing.
    mutating func skip(to position: LogPosition) {
        guard position > upTo else { return }
        (from, upTo, pages, byteCount) = (position, position, [], 0)
    }

    /// Lets go of pages that lie before a position, and of old ones.
    mutating func drop(upTo position: LogPosition) {
        let oldest = ContinuousClock.now - Self.maximumAge
        while let first = pages.first, first.upTo <= position || first.readAt < oldest { dropFirst() }
    }

    private mutating func dropFirst() {
        guard !pages.isEmpty else { return }
        let first = pages.removeFirst()
        from = first.upTo
        byteCount -= first.byteCount
    }

    func events(of type: String, behind position: LogPosition) -> RecentEvents.Found {
        guard contains(position) else { return .tooEarly }
        var found: [LoggedEvent] = []
        visit(type, behind: position) { event in
            found.append(event)
            return true
        }
        return .events(found, upTo: max(upTo, position))
    }

    /// Nil when the position lies before it.
    func hasEvents(of type: String, behind position: LogPosition) -> Bool? {
        guard contains(position) else { return nil }
        var isAny = false
        visit(type, behind: position) { _ in
            isAny = true
            return false
        }
        return isAny
    }

    /// - Parameter body: whether to go on.
    private func visit(_ type: String, behind position: LogPosition, _ body: (LoggedEvent) -> Bool) {
        guard let selection = selections[ClientText(type)] else { return }
        for page in pages where page.upTo > position {
            for (event, marks) in zip(page.events, page.marks) {
                guard !position.includes(event.identifier), selection.types.contains(event.event.type),
                    selection.mark.map({ $0 < marks.count && marks[$0] }) ?? true
                else { continue }
                if !body(event) { return }
            }
        }
    }
}
