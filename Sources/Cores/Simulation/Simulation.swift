import Statistics

/// Experiments whose truth is known, drawn again and again, to see whether tests and intervals keep what they promise.
public struct Simulation: Sendable {
    /// How often each check draws its experiment.
    public let runs: Int
    /// The same seed draws the same experiments.
    public let seed: UInt64
    /// How often an experiment is looked at, at equal distances, where it is looked at more than once.
    public let looks: Int

    /// - Parameters:
    ///   - runs: positive.
    ///   - looks: positive, a divisor of ``Trial/visitors`` for as many visitors with any number of looks.
    public init(runs: Int, seed: UInt64, looks: Int = 100) {
        self.runs = runs
        self.seed = seed
        self.looks = looks
    }

    /// - Parameter finished: is told of each check as soon as it is made.
    /// - Returns: all checks.
    @discardableResult
    public func run(_ finished: (Check) -> Void = { _ in }) -> [Check] {
        let trials = Trial.falsePositives(looks: looks) + Trial.coverage(looks: looks) + Trial.power + Trial.mismatches
        return trials.enumerated().map { number, trial in
            var generator = SplitMix(seed: seed, stream: UInt64(number))
            var happened = 0
            for _ in 0..<runs where trial.happens(&generator) { happened += 1 }
            let check = Check(trial.name, trial.claim, trial.expected, happened: happened, runs: runs)
            finished(check)
            return check
        }
    }
}

/// An experiment that can be drawn, and a question to it that is answered with yes or no.
struct Trial: Sendable {
    let name: String
    let claim: Check.Claim
    /// How often the answer is claimed to be yes.
    let expected: Double
    let happens: @Sendable (inout SplitMix) -> Bool

    init(
        _ name: String, _ claim: Check.Claim, _ expected: Double, happens: @escaping @Sendable (inout SplitMix) -> Bool
    ) {
        self.name = name
        self.claim = claim
        self.expected = expected
        self.happens = happens
    }

    /// How often a test may find what is not there.
    static let alpha = 0.05
    /// Of a variation, in the end.
    static let visitors = 20_000
    /// Those that the variation has nothing better for.
    static let population = Population(rate: 0.1)

    /// Draws visitors of two variations, a part for each look.
    /// - Parameter isEnough: is asked at each look; true ends it.
    static func drawn(
        _ outcome: Outcome, _ variation: Population = population, looks: Int, _ generator: inout SplitMix,
        until isEnough: (Effect) -> Bool
    ) -> Bool {
        var (own, baseline) = (Tally(), Tally())
        for _ in 0..<looks {
            baseline += population.draw(visitors / looks, outcome, &generator)
            own += variation.draw(visitors / looks, outcome, &generator)
            if let effect = effect(.absolute, outcome, own, baseline), isEnough(effect) { return true }
        }
        return false
    }

    static func effect(_ kind: Effect.Kind, _ outcome: Outcome, _ variation: Tally, _ baseline: Tally) -> Effect? {
        Effect(kind, of: variation.sample(outcome), over: baseline.sample(outcome))
    }
}
