import Statistics

extension Trial {
    /// How often intervals hold what is true.
    static func coverage(looks: Int) -> [Trial] {
        Outcome.allCases.flatMap { outcome in
            Effect.Kind.allCases.map { difference($0, outcome) } + [value(outcome), sequence(outcome, looks: looks)]
        }
    }

    /// What a variation has that is better by a fifth.
    private static func better(_ outcome: Outcome) -> Population {
        outcome == .conversion ? Population(rate: 0.12) : Population(rate: 0.1, price: 1.2)
    }

    private static func difference(_ kind: Effect.Kind, _ outcome: Outcome) -> Trial {
        let (test, better) = (FixedHorizonTest(alpha: alpha), better(outcome))
        let truth = kind == .absolute ? better.mean(outcome) - population.mean(outcome) : 0.2
        return Trial("Interval, \(outcome): \(kind) difference", .about, 1 - alpha) { generator in
            let baseline = population.draw(visitors, outcome, &generator)
            let own = better.draw(visitors, outcome, &generator)
            return effect(kind, outcome, own, baseline).map { test.evaluate($0).interval.holds(truth) } ?? false
        }
    }

    /// What a report shows as `metric_interval`.
    private static func value(_ outcome: Outcome) -> Trial {
        let truth = population.mean(outcome)
        return Trial("Interval, \(outcome): one variation's value", .about, 1 - alpha) { generator in
            let sample = population.draw(visitors, outcome, &generator).sample(outcome)
            guard let mean = sample.mean, let variance = sample.varianceOfMean else { return false }
            let student = StudentDistribution(degreesOfFreedom: Double(sample.count - 1))
            return abs(mean - truth) <= student.upperQuantile(alpha / 2) * variance.squareRoot()
        }
    }

    private static func sequence(_ outcome: Outcome, looks: Int) -> Trial {
        let (test, better) = (SequentialTest(alpha: alpha), better(outcome))
        let truth = better.mean(outcome) - population.mean(outcome)
        return Trial("Sequence, \(outcome): all \(looks) intervals", .atLeast, 1 - alpha) { generator in
            !drawn(outcome, better, looks: looks, &generator) { !test.evaluate($0).interval.holds(truth) }
        }
    }
}

extension ConfidenceInterval {
    fileprivate func holds(_ value: Double) -> Bool { lower <= value && value <= upper }
}
