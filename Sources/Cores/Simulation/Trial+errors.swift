import Statistics

extension Trial {
    /// Two variations without any difference: how often a test finds one.
    static func falsePositives(looks: Int) -> [Trial] {
        let fixed = FixedHorizonTest(alpha: alpha)
        let sequential = SequentialTest(alpha: alpha)
        let twice = Outcome.allCases.flatMap { outcome in
            [
                Trial("A/A, \(outcome): sequential test, \(looks) looks", .atMost, alpha) { generator in
                    drawn(outcome, looks: looks, &generator) { sequential.evaluate($0).pValue < alpha }
                },
                Trial("A/A, \(outcome): fixed test, \(looks) looks", .moreThan, alpha) { generator in
                    drawn(outcome, looks: looks, &generator) { fixed.evaluate($0).pValue < alpha }
                },
                Trial("A/A, \(outcome): fixed test, one look", .about, alpha) { generator in
                    drawn(outcome, looks: 1, &generator) { fixed.evaluate($0).pValue < alpha }
                },
            ]
        }
        let corrected = [MultipleComparisons.bonferroni, .sidak].map { correction in
            Trial("A/A/A/A, conversion: \(correction), any of 3", .atMost, alpha) { generator in
                let tallies = (0..<4).map { _ in population.draw(visitors, .conversion, &generator) }
                let pValues = tallies.dropFirst().compactMap { tally in
                    effect(.absolute, .conversion, tally, tallies[0]).map { fixed.evaluate($0).pValue }
                }
                return correction.adjusted(pValues).contains { $0 < alpha }
            }
        }
        return twice + corrected
    }

    /// A difference that is there, and as many visitors as are planned for it: how often it is found.
    static var power: [Trial] {
        [(Outcome.conversion, Population(rate: 0.12)), (.revenue, Population(rate: 0.11, price: 1.1))].flatMap {
            outcome, better in
            [Alternative.twoSided, .greater].compactMap { alternative in
                let test = FixedHorizonTest(.t, alternative, alpha: alpha)
                let planned = Power(test, power: 0.8).visitorsOfEach(
                    difference: better.mean(outcome) - population.mean(outcome),
                    variances: (population.variance(outcome), better.variance(outcome)))
                guard let planned else { return nil }
                return Trial("Power, \(outcome): \(alternative), \(planned) visitors each", .about, 0.8) { generator in
                    let baseline = population.draw(Int(planned), outcome, &generator)
                    let own = better.draw(Int(planned), outcome, &generator)
                    return effect(.absolute, outcome, own, baseline).map { test.evaluate($0).pValue < alpha } ?? false
                }
            }
        }
    }
}
