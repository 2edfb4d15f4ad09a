import JSON
import Serving

/// What pixels of shops send to `/track` of their project: one visitor, with `cid` and `pid` for account and project, `vid`
/// for the visitor, `seg` for segments, and in `ev` events that name several goals each, with the experiences and
/// variations that the visitor is in as two lists side by side. A purchase is an event `tr`, with `r` for the amount, `prc`
/// for the number of products and `tid`, there or around it, for the transaction; most send a `hitGoal` with it.
struct TrackingPixel {
    let accountID: String?
    let projectID: String?
    private(set) var reader: TrackingReader
    private let transactionID: JSONNode?

    init(_ root: JSONNode, _ events: JSONNode) {
        accountID = root["cid"]?.identifier
        projectID = root["pid"]?.identifier
        transactionID = root["tid"]
        reader = TrackingReader(isEnriched: true)
        guard let id = root["vid"]?.identifier else {
            reader.refuse(.visitor, "vid is required, as text or a number.", count: max(events.count, 1))
            return
        }
        let segments = reader.segments(root["seg"], "seg")
        var read: [TrackingBatch.Event] = []
        if events.kind != .array, !events.isVoid { reader.refuse(.malformed, "ev must be an array.") }
        for (index, event) in events.elements.enumerated() { read += self.events(event, "ev[\(index)]") }
        reader.add(TrackingBatch.Visitor(id: id, segments: segments, events: read))
    }

    private mutating func events(_ event: JSONNode, _ place: String) -> [TrackingBatch.Event] {
        let buckets = buckets(event, place)
        switch event["evt"]?.string {
        case "viewExp":
            if buckets.isEmpty {
                reader.refuse(.experience, "\(place) must name an experience in exps, and a variation in vars.")
            }
            return buckets.map { .bucketing(experienceID: $0, variationID: $1) }
        case "hitGoal", "tr":
            let goals = Self.identifiers(event["goals"])
            if goals.isEmpty { reader.refuse(.goal, "\(place).goals must name a goal.") }
            var conversion = TrackingBatch.Conversion(goalID: 0, buckets: Dictionary(buckets) { $1 })
            if event.isTransaction {
                conversion.form = .transaction
                let values = [
                    ("amount", event["r"]), ("productsCount", event["prc"]),
                    ("transactionId", event["tid"] ?? transactionID),
                ]
                for (key, value) in values { reader.setValue(key, value, place, in: &conversion) }
            }
            // An event reaches a goal once, however often it names it.
            var reached: Set<Int64> = []
            return goals.filter { reached.insert($0).inserted }.map { goal in
                conversion.goalID = goal
                return .conversion(conversion)
            }
        default:
            reader.refuse(.eventType, "\(place).evt must be viewExp, hitGoal or tr.")
            return []
        }
    }

    /// The experiences and variations that stand side by side; what has no partner, or is no id, is left out.
    private mutating func buckets(_ event: JSONNode, _ place: String) -> [(Int64, Int64)] {
        let (experiences, variations) = (Self.identifiers(event["exps"]), Self.identifiers(event["vars"]))
        let buckets = zip(experiences, variations).filter { $0 != 0 && $1 != 0 }
        for _ in buckets.count..<max(experiences.count, variations.count) {
            reader.leaveOut(.bucketingData, "\(place).exps with \(place).vars")
        }
        return buckets
    }

    /// Ids in a list, or one by itself; some put a list into the list. What is no id is 0, and keeps its place.
    private static func identifiers(_ node: JSONNode?) -> [Int64] {
        guard let node, !node.isNull else { return [] }
        guard node.kind == .array else { return [node.numericIdentifier] }
        return node.elements.flatMap { $0.isNull ? [0] : identifiers($0) }
    }
}

extension JSONNode {
    fileprivate var isTransaction: Bool { self["evt"]?.isString("tr") == true }
}
