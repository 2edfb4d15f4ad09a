extension TrackingBatch {
    /// The batch in parts that are not much work each, in order: clients that could not send for long send all at once.
    func pieces(ofWeight maximum: Int) -> [TrackingBatch] {
        guard weight > maximum else { return [self] }
        var pieces = [TrackingBatch(isEnriched: isEnriched, visitors: [])]
        (pieces[0].refused, pieces[0].leftOut) = (refused, leftOut)
        var weight = 0
        for visitor in visitors {
            var events = visitor.events[...]
            repeat {
                if weight + 1 >= maximum {
                    pieces.append(TrackingBatch(isEnriched: isEnriched, visitors: []))
                    weight = 0
                }
                let part = events.prefix(maximum - weight - 1)
                pieces[pieces.count - 1].visitors.append(
                    Visitor(
                        id: visitor.id, segments: visitor.segments, events: Array(part), occurredAt: visitor.occurredAt)
                )
                weight += 1 + part.count
                events = events.dropFirst(part.count)
            } while !events.isEmpty
        }
        return pieces
    }
}
