import Serving
import Testing
import Time

@testable import Demo

struct DemoTrafficTests {
    private static let start = DemoTraffic.start(before: Timestamp(seconds: 1_750_000_000))
    private let traffic = DemoTraffic(purchaseID: 1, signUpID: 2, start: start)
    private let targets = DemoExperiment.all.enumerated().map { index, experiment in
        let first = Int64(index * 10 + 10)
        return DemoTraffic.Target(
            experiment: experiment, experienceID: first,
            variationIDs: experiment.arms.indices.map { first + 1 + Int64($0) })
    }

    @Test func theSameSeedDrawsTheSameTraffic() {
        let visits = traffic.visits(targets)
        let again = traffic.visits(targets)
        #expect(visits.map(\.id) == again.map(\.id) && visits.map(\.events) == again.map(\.events))
        #expect(visits.map(\.occurredAt) == again.map(\.occurredAt))
    }

    @Test func everybodyComesOnceAndBuysAfterwardsWithinTheThirtyDays() {
        let end = Self.start.adding(seconds: DemoTraffic.days * 86_400)
        var arrivals: [String: Timestamp] = [:]
        for visit in traffic.visits(targets) {
            let time = visit.occurredAt ?? end
            #expect(Self.start <= time && time < end)
            if case .bucketing = visit.events.first {
                #expect(arrivals.updateValue(time, forKey: visit.id) == nil)
            } else {
                #expect(arrivals[visit.id].map { $0 < time && $0.seconds / 86_400 == time.seconds / 86_400 } == true)
            }
        }
        #expect(arrivals.count == DemoExperiment.all.map(\.visitors).reduce(0, +))
    }

    @Test(arguments: [0, 1, 86_399]) func theDaysEndBeforeToday(second: Int64) {
        let today: Int64 = 20_000 * 86_400
        #expect(DemoTraffic.start(before: Timestamp(seconds: today + second)).seconds == today - 30 * 86_400)
    }
}
