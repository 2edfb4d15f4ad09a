import Foundation
import JSON
import ProjectDocuments
import Serving
import Simulation
import Time

/// What visitors of the demo project did on thirty days: the same for the same seed.
struct DemoTraffic {
    static let days: Int64 = 30
    static let seed: UInt64 = 30
    private static let daySeconds: Int64 = 86_400
    /// Whoever comes has bought or signed up within this time, and on the same day.
    private static let longestVisitSeconds: Int64 = 300

    /// An experience with the ids that it has in the project.
    struct Target: Sendable {
        let experiment: DemoExperiment
        let experienceID: Int64
        /// In the order of the arms.
        let variationIDs: [Int64]
    }

    let purchaseID: Int64
    let signUpID: Int64
    /// The beginning of the first day.
    let start: Timestamp

    /// The beginning of the day that is thirty days before another, both in UTC.
    static func start(before now: Timestamp) -> Timestamp {
        let today = now.seconds - now.seconds % daySeconds
        return Timestamp(seconds: today - days * daySeconds)
    }

    /// All that visitors of these experiences did, oldest first.
    func visits(_ targets: [Target]) -> [TrackingBatch.Visitor] {
        targets.enumerated().flatMap { number, target in visits(target, stream: UInt64(number)) }
            .sorted { ($0.occurredAt ?? start) < ($1.occurredAt ?? start) }
    }

    private func visits(_ target: Target, stream: UInt64) -> [TrackingBatch.Visitor] {
        var generator = SplitMix(seed: Self.seed, stream: stream)
        var visits: [TrackingBatch.Visitor] = []
        let arms = zip(target.experiment.arms, target.variationIDs).map { (arm: $0, variationID: $1) }
        for number in 0..<target.experiment.visitors {
            let id = "\(target.experiment.key)-\(number)"
            guard let drawn = pick(arms, &generator) else { continue }
            let day = Int64(generator.uniform() * Double(Self.days))
            let second = Int64(generator.uniform() * Double(Self.daySeconds - Self.longestVisitSeconds - 1))
            let arrival = start.adding(seconds: day * Self.daySeconds + second)
            func add(after seconds: Int64, _ segments: VisitorSegments, _ event: TrackingBatch.Event) {
                visits.append(
                    TrackingBatch.Visitor(
                        id: id, segments: segments, events: [event], occurredAt: arrival.adding(seconds: seconds)))
            }
            add(
                after: 0, segments(&generator),
                .bucketing(experienceID: target.experienceID, variationID: drawn.variationID))
            guard target.experiment.type.hasGoals else { continue }
            if generator.uniform() < DemoExperiment.signUpRate {
                add(after: 60, VisitorSegments(), .conversion(.init(goalID: signUpID)))
            }
            if generator.uniform() < drawn.arm.rate {
                let order = TrackingBatch.Conversion(
                    goalID: purchaseID, revenue: amount(drawn.arm.amount, &generator),
                    productsCount: 1 + Int64(generator.uniform() * 3), transactionID: "order-\(id)")
                add(after: 60 + Int64(generator.uniform() * 240), VisitorSegments(), .conversion(order))
            }
        }
        return visits
    }

    /// Lognormal, in whole cents.
    private func amount(_ mean: Double, _ generator: inout SplitMix) -> Double {
        let spread = 0.5
        return (mean * exp(spread * generator.normal() - spread * spread / 2) * 100).rounded() / 100
    }

    private func segments(_ generator: inout SplitMix) -> VisitorSegments {
        let devices: [JSONValue] = [["DESK"], ["DESK"], ["ALLPH", "IPH"], ["ALLPH", "OTHPH"], ["ALLTAB", "IPAD"]]
        var members = JSONObject()
        members["devices"] = pick(devices, &generator)
        members["browser"] = pick(["CH", "CH", "SF", "FF", "EDG"], &generator)
        members["country"] = pick(["US", "US", "DE", "FR", "PT"], &generator)
        members["visitorType"] = pick(["new", "new", "returning"], &generator)
        members["source"] = pick(["search", "search", "direct", "referral"], &generator)
        return VisitorSegments(members)
    }

    /// One of several, all as likely; nil of none.
    private func pick<Element>(_ elements: [Element], _ generator: inout SplitMix) -> Element? {
        let index = Int(generator.uniform() * Double(elements.count))
        return elements.indices.contains(index) ? elements[index] : nil
    }
}
