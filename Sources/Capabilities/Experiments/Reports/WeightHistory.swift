import EventStore
import JSON
import ProjectDocuments
import Resources
import Statistics
import Time

/// Which part of the traffic each variation was to have, and since when.
struct WeightHistory: Sendable, Equatable {
    /// When weights changed, rising.
    let boundaries: [Timestamp]
    /// In percent by variation, of the time before the first boundary and from each on.
    let weights: [[Int64: Double]]
    /// Whether there were more changes: then the first weights are not those of all the time before.
    private let isCut: Bool

    /// Changes that are told apart at most, the latest ones.
    static let maximumBoundaries = 200

    /// - Parameters:
    ///   - variations: as they are now.
    ///   - changes: of the variations, oldest first.
    init(_ variations: [VariationDocument], changes: [PartChange]) {
        var states: [Int64: VariationDocument] = [:]
        for variation in variations {
            if let id = variation.id { states[id] = variation }
        }
        var (boundaries, weights): ([Timestamp], [[Int64: Double]]) = ([], [Self.weights(states)])
        var isCut = false
        // Backwards from what is now: each change tells what was before it.
        for change in changes.reversed() {
            guard let old = change.old, change.new != nil, var state = states[change.id] else { continue }
            for member in Self.members { if let value = old[member] { state.members[member] = value } }
            states[change.id] = state
            let before = Self.weights(states)
            if boundaries.last == change.at {
                weights[weights.count - 1] = before
            } else if before != weights.last {
                // What changed at one moment belongs together.
                isCut = boundaries.count == Self.maximumBoundaries
                if isCut { break }
                boundaries.append(change.at)
                weights.append(before)
            }
        }
        self.boundaries = boundaries.reversed()
        self.weights = weights.reversed()
        self.isCut = isCut
    }

    private static let members = ["traffic_distribution", "status"]

    private static func weights(_ states: [Int64: VariationDocument]) -> [Int64: Double] {
        states.mapValues { $0.isRunning ? max($0.trafficDistribution ?? 100, 0) : 0 }
    }

    /// The weights at a time, in percent by variation.
    func weights(at time: Timestamp) -> [Int64: Double] { weights[boundaries.count { $0 <= time }] }

    /// Of now.
    var current: [Int64: Double] { weights.last ?? [:] }

    /// New visitors by period, as they are compared with the weights. A time whose weights are not all known is left out.
    func periods(_ visitors: PeriodVisitors, of variationIDs: [Int64]) -> [SampleRatioMismatch.Period] {
        weights.enumerated().dropFirst(isCut ? 1 : 0).map { period, weights in
            SampleRatioMismatch.Period(
                variationIDs.map { (weight: weights[$0] ?? 0, visitors: visitors.count(of: $0, in: period)) })
        }
    }
}

/// New visitors of each variation in each period.
struct PeriodVisitors: Sendable {
    private struct Key: Hashable {
        let variationID: Int64
        let period: Int
    }

    private let counts: [Key: Int64]

    init(_ visitors: [ExperimentCounts.Visitors]) {
        counts = Dictionary(visitors.map { (Key(variationID: $0.variationID, period: $0.period), $0.count) }) { $1 }
    }

    func count(of variationID: Int64, in period: Int) -> Int64 {
        counts[Key(variationID: variationID, period: period)] ?? 0
    }
}
