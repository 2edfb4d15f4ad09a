import Statistics
import Testing

@testable import Simulation

@Suite struct SimulationTests {
    /// A small one of what `sextant-bench simulate` does; docs/statistics.md has the large one.
    @Test func statisticsKeepWhatTheyPromise() {
        for check in Simulation(runs: 300, seed: 1, looks: 10).run() {
            #expect(check.holds, "\(check.name): \(check.found), not in \(check.bounds)")
        }
    }

    @Test func checksFail() {
        #expect(Check("", .about, 0.05, happened: 50, runs: 1_000).holds)
        #expect(!Check("", .about, 0.05, happened: 20, runs: 1_000).holds)
        #expect(!Check("", .about, 0.05, happened: 80, runs: 1_000).holds)
        #expect(Check("", .atMost, 0.05, happened: 70, runs: 1_000).holds)
        #expect(!Check("", .atMost, 0.05, happened: 71, runs: 1_000).holds)
        #expect(!Check("", .moreThan, 0.05, happened: 70, runs: 1_000).holds)
        #expect(Check("", .moreThan, 0.05, happened: 71, runs: 1_000).holds)
        #expect(!Check("", .atLeast, 0.95, happened: 929, runs: 1_000).holds)
    }

    /// What the simulation draws is what it says: the mean of many is near the mean.
    @Test func populationsAreAsDescribed() {
        var generator = SplitMix(seed: 7)
        let population = Population(rate: 0.2, price: 3, spread: 0.5)
        for outcome in Outcome.allCases {
            let sample = population.draw(100_000, outcome, &generator).sample(outcome)
            let error = (population.variance(outcome) / 100_000).squareRoot()
            #expect(abs((sample.mean ?? 0) - population.mean(outcome)) < 4 * error)
            #expect(abs((sample.variance ?? 0) / population.variance(outcome) - 1) < 0.05)
        }
    }

    /// Of the authors' own program, for seed 1234567.
    @Test func generatorIsTheOneItIsSaidToBe() {
        var state = SplitMix(state: 1_234_567)
        #expect(state.next() == 6_457_827_717_110_365_317)
        #expect(state.next() == 3_203_168_211_198_807_973)
    }
}
