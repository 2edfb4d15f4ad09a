import EventStore

/// Page views and custom events of a page of the log, each with the uses of features that were found in it as it arrived: these
/// follow it at once.
struct FeatureSources {
    struct Source {
        let event: EventView
        let identifier: EventIdentifier
        let uses: [EventView]
    }

    /// Why a page ends: where something may follow, what follows its last event is not all there.
    enum Ending {
        case log
        /// It holds as many as a page does.
        case page
        /// A piece of the log that is read by pages ends.
        case piece
    }

    private(set) var sources: [Source] = []
    /// Behind which the next page begins; nil for where this one began.
    private(set) var next: LogPosition?

    init(_ page: CommittedEvents, _ ending: Ending) {
        let starts = page.indices.indices.filter { page.batch[page.indices[$0]].type != .trackFeature }
        var bounds = Array(zip(starts, starts.dropFirst() + [page.indices.count]))
        var count = page.identifiers.count
        switch ending {
        case .log: break
        // Where an event is the first of a page, so many follow that its uses are among them.
        case .page: if let last = bounds.last, last.0 > 0 { count = bounds.removeLast().0 }
        case .piece: if let last = bounds.popLast() { count = last.0 }
        }
        if count > 0 { next = LogPosition(after: page.identifiers[count - 1]) }
        sources = bounds.map { start, end in
            Source(
                event: page.batch[page.indices[start]], identifier: page.identifiers[start],
                uses: (start + 1..<end).map { page.batch[page.indices[$0]] })
        }
    }
}
