/// Which of several quantities is the greatest, by integration: the same data give the same figures every time.
public enum BestOf {
    /// How likely each is to be the greatest; together 1.
    public static func chances(_ posteriors: [any Posterior]) -> [Double] {
        posteriors.indices.map { chance(of: $0, posteriors) }
    }

    /// How likely one of them is to be the greatest.
    public static func chance(of own: Int, _ posteriors: [any Posterior]) -> Double {
        integral(posteriors) { x in
            posteriors.indices.reduce(posteriors[own].density(x)) { product, index in
                index == own || product == 0 ? product : product * posteriors[index].lowerTail(x)
            }
        }
    }

    /// What is lost on average by taking each, should another be greater.
    public static func expectedLosses(_ posteriors: [any Posterior]) -> [Double] {
        posteriors.indices.map { own in
            integral(posteriors) { x in
                let others = posteriors.indices.reduce(1.0) { product, index in
                    index == own ? product : product * posteriors[index].lowerTail(x)
                }
                return posteriors[own].lowerTail(x) * (1 - others)
            }
        }
    }

    /// Over all that any of them can be, in steps at which none changes much.
    private static func integral(_ posteriors: [any Posterior], of function: (Double) -> Double) -> Double {
        var points: Set<Double> = []
        for posterior in posteriors {
            let deviation = posterior.variance.squareRoot()
            for step in [-40.0, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40] {
                let point = posterior.mean + step * deviation
                points.insert(min(max(point, posterior.support.lowerBound), posterior.support.upperBound))
            }
        }
        let sorted = points.sorted()
        guard let scale = posteriors.map({ $0.variance.squareRoot() }).max() else { return 0 }
        return Quadrature.integral(over: sorted, tolerance: 1e-13 * min(scale, 1), of: function)
    }
}
