import JSON
import Time

/// What a visitor of a project was last seen with.
struct VisitorState: Sendable, Equatable {
    /// Experience to variation: the first one seen.
    private(set) var buckets: [Int64: Int64] = [:]
    /// Experience to when that was, to the second; not known of those of old.
    private(set) var seenAt: [Int64: Timestamp] = [:]
    var segments = VisitorSegments()
    /// What is known of conversions, by goal.
    var goals: [Int64: KnownConversion] = [:]
    /// When the billing cycle began that the visitor was last counted in; nil for one who never was.
    var testedIn: Timestamp?

    /// A goal that the visitor has reached.
    struct KnownConversion: Sendable, Equatable {
        /// Whether a transaction implied it: one that is sent later is the same.
        var isImplied: Bool
        /// What it counted for.
        var experiences: Set<Int64>
    }

    init() {}

    /// - Parameters:
    ///   - buckets: as stored: of each experience the variation and the seconds since the epoch when it was first seen, or
    ///     the variation alone.
    ///   - goals: as stored.
    init(buckets: JSONValue, segments: JSONValue, goals: JSONValue = [:]) {
        for (experience, bucket) in buckets.object ?? JSONObject() {
            guard let id = Int64(experience), let variation = (bucket.array?.first ?? bucket).int64 else { continue }
            self.buckets[id] = variation
            if let seconds = bucket.array?.dropFirst().first?.int64 { seenAt[id] = Timestamp(seconds: seconds) }
        }
        self.segments = VisitorSegments(segments.object ?? JSONObject())
        for (goal, known) in goals.object ?? JSONObject() {
            guard let id = Int64(goal), let numbers = known.array?.compactMap(\.int64), !numbers.isEmpty else {
                continue
            }
            self.goals[id] = KnownConversion(isImplied: numbers[0] == 1, experiences: Set(numbers.dropFirst()))
        }
    }

    /// Puts the visitor into a variation.
    mutating func enter(_ experienceID: Int64, _ variationID: Int64, at time: Timestamp?) {
        buckets[experienceID] = variationID
        seenAt[experienceID] = time.map { Timestamp(seconds: $0.seconds) }
    }

    /// Forgets that the visitor was ever in an experience.
    mutating func leave(_ experienceID: Int64) {
        buckets[experienceID] = nil
        seenAt[experienceID] = nil
    }

    /// As they are stored.
    var goalsDocument: JSONValue {
        .object(
            JSONObject(
                goals.sorted { $0.key < $1.key }.map { goalID, known in
                    (String(goalID), JSONValue([known.isImplied ? 1 : 0] + known.experiences.sorted()))
                }))
    }

    /// As they are stored.
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
