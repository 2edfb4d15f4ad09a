import JSON
import ProjectDocuments
import Resources
import Statistics
import Testing
import Time

@testable import EventStore
@testable import Reports

@Suite struct WeightHistoryTests {
    private func variation(_ id: Int64, _ share: Double, _ status: String = "running") -> VariationDocument {
        VariationDocument(["id": .integer(id), "traffic_distribution": .double(share), "status": .string(status)])
    }

    private func change(_ id: Int64, _ old: JSONValue, _ new: JSONValue, at seconds: Int64) -> PartChange {
        PartChange(id: id, old: old.object, new: new.object, at: Timestamp(seconds: seconds))
    }

    @Test func changesAreUndoneFromNowOn() {
        let history = WeightHistory(
            [variation(1, 90), variation(2, 10, "stopped")],
            changes: [
                PartChange(id: 1, old: nil, new: JSONObject([("name", "x")]), at: Timestamp(seconds: 1)),
                change(1, ["traffic_distribution": 50], ["traffic_distribution": 90], at: 100),
                change(2, ["traffic_distribution": 50], ["traffic_distribution": 10], at: 100),
                change(2, ["name": "a"], ["name": "b"], at: 150),
                change(2, ["status": "running"], ["status": "stopped"], at: 200),
            ])
        #expect(history.boundaries == [100, 200].map { Timestamp(seconds: $0) })
        #expect(history.weights == [[1: 50, 2: 50], [1: 90, 2: 10], [1: 90, 2: 0]])
        #expect(history.weights(at: Timestamp(seconds: 99)) == [1: 50, 2: 50])
        #expect(history.weights(at: Timestamp(seconds: 200)) == [1: 90, 2: 0])
    }

    @Test func visitorsAreHeldAgainstTheWeightsOfTheirTime() throws {
        let history = WeightHistory(
            [variation(1, 90), variation(2, 10)],
            changes: [
                change(1, ["traffic_distribution": 50], ["traffic_distribution": 90], at: 100),
                change(2, ["traffic_distribution": 50], ["traffic_distribution": 10], at: 100),
            ])
        var counts = ExperimentCounts()
        counts.visitors = [
            .init(variationID: 1, period: 0, count: 500), .init(variationID: 2, period: 0, count: 500),
            .init(variationID: 1, period: 1, count: 900), .init(variationID: 2, period: 1, count: 100),
        ]
        let shares = VisitorShares(counts, history, of: [1, 2], isChecked: true)
        #expect(shares.visitors == [1: 1_400, 2: 600])
        #expect(try #require(shares.mismatch()).pValue == 1)
        #expect(shares.leaked == 0)
    }

    @Test func visitorsOfWhatWasStoppedAreTold() {
        let history = WeightHistory([variation(1, 50), variation(2, 50, "stopped")], changes: [])
        var counts = ExperimentCounts()
        counts.visitors = [.init(variationID: 1, period: 0, count: 10), .init(variationID: 2, period: 0, count: 3)]
        let shares = VisitorShares(counts, history, of: [1, 2], isChecked: true)
        #expect(shares.leaked == 3)
        #expect(shares.mismatch() == nil)
    }

    @Test func onlyTheLatestChangesAreToldApart() {
        func shares(_ value: Int64) -> JSONValue { ["traffic_distribution": .integer(value)] }
        let changes = (1...500).map { (number: Int64) -> PartChange in
            change(1, shares(number % 2), shares((number + 1) % 2), at: number)
        }
        let history = WeightHistory([variation(1, 1)], changes: changes)
        #expect(history.boundaries.count == WeightHistory.maximumBoundaries)
        #expect(history.boundaries.last == Timestamp(seconds: 500))
        #expect(history.weights.count == history.boundaries.count + 1)
    }

    /// Weights of what lies further back are not known: nothing is held against them.
    @Test func whatLiesBeforeTheToldChangesIsNotChecked() throws {
        func shares(_ value: Int64) -> JSONValue { ["traffic_distribution": .integer(value)] }
        let changes = (1...500).map { (number: Int64) -> PartChange in
            change(1, shares(10 + number % 2), shares(10 + (number + 1) % 2), at: number)
        }
        let history = WeightHistory([variation(1, 11), variation(2, 11)], changes: changes)
        let last = WeightHistory.maximumBoundaries
        let visitors = PeriodVisitors([
            .init(variationID: 1, period: 0, count: 9_000), .init(variationID: 2, period: 0, count: 1),
            .init(variationID: 1, period: last, count: 100), .init(variationID: 2, period: last, count: 100),
        ])
        let periods = history.periods(visitors, of: [1, 2])
        #expect(periods.count == last)
        #expect(try #require(SampleRatioMismatch(periods)).pValue > 0.5)
    }

    @Test func changesOfOneMomentAreNotTakenApart() {
        func shares(_ value: Int64) -> JSONValue { ["traffic_distribution": .integer(value)] }
        // Each moment changes both.
        let changes = (1...300).flatMap { number -> [PartChange] in
            let (old, new) = (Int64(10 + number % 2), Int64(10 + (number + 1) % 2))
            return [1, 2].map { change($0, shares(old), shares(new), at: Int64(number)) }
        }
        let history = WeightHistory([variation(1, 11), variation(2, 11)], changes: changes)
        #expect(history.boundaries.count == WeightHistory.maximumBoundaries)
        #expect(history.weights.allSatisfy { $0[1] == $0[2] })
    }
}
