/// The ids that uses of features get which the server finds itself: `track_feature` events that it makes of other events. By them
/// a use is known again, so that none is stored twice.
public enum FoundUse {
    /// Of a use that is found as its event arrives.
    /// - Parameter clientEventID: of the event; nil where it has none.
    public static func id(of tag: String, in clientEventID: String?) -> String {
        prefix(tag) + (clientEventID ?? "~" + String(UInt64.random(in: 0 ... .max), radix: 36))
    }

    /// Of a use that is found in an event of the log.
    public static func laterID(of tag: String, in event: EventIdentifier) -> String { laterPrefix(tag) + "\(event)" }

    private static func prefix(_ tag: String) -> String { "feature \(tag) of " }
    private static func laterPrefix(_ tag: String) -> String { "later feature \(tag) of " }

    /// In SQL over a row of the log: whether it is a use that was found later, in an event before a position.
    static func rowCondition(laterIn source: String) -> String {
        """
        event_type = 'track_feature' AND starts_with(client_event_id, 'later feature ')
        AND right(client_event_id, 36) <= \(source)::VARCHAR
        """
    }

    /// Whether a `track_feature` event is a use that was found in another one as that arrived.
    package static func isUse(_ use: EventView, of tag: String, in event: EventView) -> Bool {
        (use[.eventName].map { $0.utf8.elementsEqual(tag.utf8) } ?? false) && isUse(use, in: event)
    }

    /// The same whatever the feature.
    static func isUse(_ use: EventView, in event: EventView) -> Bool {
        guard use.type == .trackFeature, let tag = use[.eventName], let id = use[.clientEventID] else { return false }
        guard let source = event[.clientEventID] else { return id.utf8.starts(with: (prefix(tag) + "~").utf8) }
        return id.utf8.elementsEqual((prefix(tag) + source).utf8)
    }
}

extension EventView {
    /// Whether it is a use of a feature that was found later, in an event that was in the log already. What it says of its user
    /// that event has said.
    public var isUseFoundLater: Bool {
        guard type == .trackFeature, let tag = self[.eventName], let id = self[.clientEventID],
            let source = EventIdentifier(String(decoding: id.utf8.suffix(36), as: UTF8.self))
        else { return false }
        return id.utf8.elementsEqual(FoundUse.laterID(of: tag, in: source).utf8)
    }
}
