import EventStore
import JSON
import Resources
import Statistics
import Time

/// Which part of the traffic each variation was to have, and since when.
struct WeightHistory: Sendable, Equatable {
    /// When weights changed, rising.
    let boundaries: [Timestamp]
    /// In percent by variation, of the time before the first boundary and from each on.
    let weights: [[Int64: Double]]

    /// Changes that are told apart at most, the latest ones; what was before counts as the first of them.
    static let maximumBoundaries = 200

    /// - Parameters:
    ///   - variations: as they are now.
    ///   - changes: of the variations, oldest first.
    init(_ variations: [JSONValue], changes: [PartChange]) {
        var states: [Int64: JSONObject] = [:]
        for variation in variations {
            guard let id = variation["id"]?.int64 else { continue }
            states[id] = variation.object
        }
        var (boundaries, weights): ([Timestamp], [[Int64: Double]]) = ([], [Self.weights(states)])
        // Backwards from what is now: each change tells what was before it.
        for change in changes.reversed() {
            guard boundaries.count < Self.maximumBoundaries, let old = change.old, change.new != nil,
                var state = states[change.id]
            else { continue }
            for member in Self.members { if let value = old[member] { state[member] = value } }
            states[change.id] = state
            let before = Self.weights(states)
            if boundaries.last == change.at {
                weights[weights.count - 1] = before
            } else if before != weights.last {
                boundaries.append(change.at)
                weights.append(before)
            }
        }
        self.boundaries = boundaries.reversed()
        self.weights = weights.reversed()
    }

    private static let members = ["traffic_distribution", "status"]

    private static func weights(_ states: [Int64: JSONObject]) -> [Int64: Double] {
        states.mapValues { $0["status"] == "stopped" ? 0 : max($0["traffic_distribution"]?.double ?? 100, 0) }
    }

    /// The weights at a time, in percent by variation.
    func weights(at time: Timestamp) -> [Int64: Double] { weights[boundaries.count { $0 <= time }] }

    /// New visitors by period, as they are compared with the weights.
    func periods(_ visitors: [ExperimentCounts.Visitors], of variationIDs: [Int64]) -> [SampleRatioMismatch.Period] {
        weights.enumerated().map { period, weights in
            SampleRatioMismatch.Period(
                variationIDs.map { id in
                    (
                        weight: weights[id] ?? 0,
                        visitors: visitors.first { $0.variationID == id && $0.period == period }?.count ?? 0
                    )
                })
        }
    }
}
