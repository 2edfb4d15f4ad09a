import JSON
import Time

/// What a visitor of a project was last seen with.
struct VisitorState: Sendable, Equatable {
    /// Experience to variation: the first one seen.
    private(set) var buckets: [Int64: Int64] = [:]
    /// Experience to when that was, to the second; not known of those of old.
    private(set) var seenAt: [Int64: Timestamp] = [:]
    var segments = VisitorSegments()

    init() {}

    /// - Parameter buckets: as stored: of each experience the variation and the seconds since the epoch when it was
    ///   first seen, or the variation alone.
    init(buckets: JSONValue, segments: JSONValue) {
        for (experience, bucket) in buckets.object ?? JSONObject() {
            guard let id = Int64(experience), let variation = (bucket.array?.first ?? bucket).int64 else { continue }
            self.buckets[id] = variation
            if let seconds = bucket.array?.dropFirst().first?.int64 { seenAt[id] = Timestamp(seconds: seconds) }
        }
        self.segments = VisitorSegments(segments.object ?? JSONObject())
    }

    /// Puts the visitor into a variation.
    mutating func enter(_ experienceID: Int64, _ variationID: Int64, at time: Timestamp?) {
        buckets[experienceID] = variationID
        seenAt[experienceID] = time.map { Timestamp(seconds: $0.seconds) }
    }

    /// As it is stored.
    var bucketsDocument: JSONValue {
        .object(
            JSONObject(
                buckets.sorted { $0.key < $1.key }.map { experienceID, variationID in
                    let variation = JSONValue.integer(variationID)
                    let seenAt = seenAt[experienceID].map { JSONValue.integer($0.seconds) }
                    return (String(experienceID), seenAt.map { [variation, $0] } ?? variation)
                }))
    }
}
