import Statistics

extension Trial {
    /// Visitors who are shared out as the weights say: how often there is an alarm that they are not.
    static var mismatches: [Trial] {
        [
            ("halves", [[1, 1]]), ("of three variations", [[5, 3, 2]]),
            ("weights that were changed", [[9, 1], [5, 5]]),
        ].map { name, periods in
            Trial("Shares: \(name)", .about, mismatchAlpha) { generator in
                let drawn = periods.map { weights in shared(visitors, by: weights, &generator) }
                return SampleRatioMismatch(drawn).map { $0.pValue < mismatchAlpha } ?? false
            }
        }
    }

    /// What reports take for a mismatch.
    private static let mismatchAlpha = 0.01

    private static func shared(
        _ visitors: Int, by weights: [Double], _ generator: inout SplitMix
    ) -> SampleRatioMismatch.Period {
        let whole = weights.reduce(0, +)
        var counts = weights.map { _ in Int64(0) }
        for _ in 0..<visitors {
            var rest = generator.uniform() * whole
            var own = 0
            while own + 1 < weights.count, rest >= weights[own] {
                rest -= weights[own]
                own += 1
            }
            counts[own] += 1
        }
        return SampleRatioMismatch.Period(zip(weights, counts).map { (weight: $0, visitors: $1) })
    }
}
