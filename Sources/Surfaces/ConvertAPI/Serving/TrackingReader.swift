import JSON
import Serving

/// Makes a batch of what a tracking call carries, and counts what cannot be part of it.
struct TrackingReader: Sendable {
    private(set) var batch: TrackingBatch
    private(set) var details: [String: String] = [:]

    init(isEnriched: Bool) {
        batch = TrackingBatch(isEnriched: isEnriched, visitors: [])
    }

    /// Adds a visitor (contract schema `SendTrackingEventsRequestData`).
    mutating func read(_ visitor: JSONNode, _ place: String, in document: JSONElementwise) {
        if let error = document.error(of: visitor) { return refuse(.malformed, "\(place): \(error.message).") }
        guard visitor.kind == .object else {
            return refuse(.malformed, "\(place) must be an object, got \(visitor.kind.phrase).")
        }
        let events = visitor["events"]
        guard let id = visitor["visitorId"]?.identifier else {
            let count = max(events?.count ?? 0, 1)
            return refuse(.visitor, "\(place).visitorId is required, as text or a number.", count: count)
        }
        let segments = self.segments(visitor["segments"], "\(place).segments")
        var read: [TrackingBatch.Event] = []
        if let events, !events.isVoid {
            if events.kind != .array { refuse(.malformed, "\(place).events must be an array.") }
            for (index, event) in events.elements.enumerated() {
                let place = "\(place).events[\(index)]"
                if let error = document.error(of: event) {
                    refuse(.malformed, "\(place): \(error.message).")
                } else if let event = self.event(event, place) {
                    read.append(event)
                }
            }
        }
        add(TrackingBatch.Visitor(id: id, segments: segments, events: read))
    }

    mutating func add(_ visitor: TrackingBatch.Visitor) { batch.visitors.append(visitor) }

    mutating func refuse(_ reason: TrackingRejection, _ detail: String, count: Int = 1) {
        batch.refused[reason, default: 0] += count
        details[reason.rawValue] = detail
    }

    mutating func leaveOut(_ value: TrackedValue, _ place: String) {
        batch.leftOut[value, default: 0] += 1
        details[value.rawValue] = "\(place) cannot be read, and is left out."
    }

    mutating func segments(_ node: JSONNode?, _ place: String) -> VisitorSegments {
        var leftOut: [TrackedValue] = []
        let segments = VisitorSegments(reading: node) { leftOut.append($0) }
        for value in leftOut { leaveOut(value, place) }
        return segments
    }

    private mutating func event(_ event: JSONNode, _ place: String) -> TrackingBatch.Event? {
        guard event.kind == .object, let data = event["data"], data.kind == .object else {
            refuse(.malformed, "\(place) must be an object with an object data.")
            return nil
        }
        // Ids that are none name nothing, and are told as such.
        func id(_ member: String) -> Int64 { data[member]?.numericIdentifier ?? 0 }
        switch event["eventType"]?.string {
        case "bucketing":
            return .bucketing(experienceID: id("experienceId"), variationID: id("variationId"))
        case "conversion":
            var conversion = TrackingBatch.Conversion(
                goalID: id("goalId"), buckets: buckets(data["bucketingData"], "\(place).data.bucketingData"))
            readValues(data["goalData"], "\(place).data.goalData", into: &conversion)
            return .conversion(conversion)
        default:
            refuse(.eventType, "\(place).eventType must be bucketing or conversion.")
            return nil
        }
    }

    private mutating func buckets(_ node: JSONNode?, _ place: String) -> [Int64: Int64] {
        guard let node, !node.isVoid else { return [:] }
        guard node.kind == .object else {
            leaveOut(.bucketingData, place)
            return [:]
        }
        var buckets: [Int64: Int64] = [:]
        for member in node.members {
            guard let experience = Int64(member.key), member.value.numericIdentifier != 0 else {
                leaveOut(.bucketingData, place)
                continue
            }
            buckets[experience] = member.value.numericIdentifier
        }
        return buckets
    }
}
