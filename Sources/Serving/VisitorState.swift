import JSON

/// What a visitor of a project was last seen with.
struct VisitorState: Sendable, Equatable {
    /// Experience to variation: the first one seen.
    var buckets: [Int64: Int64] = [:]
    var segments = VisitorSegments()

    init() {}

    init(buckets: JSONValue, segments: JSONValue) {
        for (experience, variation) in buckets.object ?? JSONObject() {
            if let id = Int64(experience), let variation = variation.int64 { self.buckets[id] = variation }
        }
        self.segments = VisitorSegments(segments.object ?? JSONObject())
    }

    /// As it is stored.
    var bucketsDocument: JSONValue {
        .object(JSONObject(buckets.sorted { $0.key < $1.key }.map { (String($0.key), .integer($0.value)) }))
    }
}
