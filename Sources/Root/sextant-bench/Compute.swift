import ArgumentParser
import Foundation
import JSON
import Statistics

/// Answers questions to the statistics, one a line, so that others can be asked the same.
struct Compute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compute",
        abstract:
            "Read questions as lines of JSON and answer each with a line: tests, corrections, chances, distributions, plans, shares.",
        discussion: """
            {"compare": "t", "alternative": "twoSided", "kind": "absolute", "alpha": 0.05,
             "baseline": {"visitors": 10, "sum": 7.5, "squares": 9.25}, "variation": {"visitors": 10, "successes": 4}}
            {"correct": "holm", "p": [0.01, 0.2]}
            {"best": [{"visitors": 10, "successes": 4}, {"visitors": 10, "successes": 5}]}
            {"distribution": "student", "degrees": 4.5, "x": 2}   (also normal; chiSquare; beta with alpha and beta)
            {"quantile": "student", "degrees": 4.5, "upper": 0.025}
            {"plan": "z", "alternative": "greater", "alpha": 0.05, "power": 0.8, "difference": 0.02, "variances": [0.09, 0.1]}
            {"shares": [50, 50], "visitors": [1000, 1100]}
            What cannot be told is null.
            """)

    func run() throws {
        while let line = readLine() {
            guard let answer = Question(try JSONValue(parsing: line)).answer else {
                throw ValidationError("This is no question: \(line)")
            }
            print(answer.encodedString)
        }
    }
}

/// One line.
private struct Question {
    let asked: JSONValue

    init(_ asked: JSONValue) {
        self.asked = asked
    }

    var answer: JSONValue? {
        if let kind = asked["compare"]?.string { return comparison(kind) }
        if let method = asked["correct"]?.string.flatMap(MultipleComparisons.init(rawValue:)) {
            guard let pValues = asked["p"]?.array?.compactMap(\.double) else { return nil }
            return ["p": .array(method.adjusted(pValues).map(JSONValue.known))]
        }
        if let arms = asked["best"]?.array?.compactMap(rate) {
            let posteriors = arms.map { BetaDistribution($0) }
            return [
                "chances": .array(BestOf.chances(posteriors).map(JSONValue.known)),
                "losses": .array(BestOf.expectedLosses(posteriors).map(JSONValue.known)),
            ]
        }
        if let name = asked["distribution"]?.string, let x = asked["x"]?.double {
            guard let (lower, upper) = tails(name, x) else { return nil }
            return ["lower": .known(lower), "upper": .known(upper)]
        }
        if let name = asked["quantile"]?.string, let upper = asked["upper"]?.double {
            return quantile(name, upper).map { ["x": .known($0)] }
        }
        if let test = asked["plan"]?.string { return plan(test) }
        if let weights = asked["shares"]?.array?.compactMap(\.double) { return shares(weights) }
        return nil
    }

    /// Visitors of each of two variations.
    private func plan(_ test: String) -> JSONValue? {
        guard let alpha = part("alpha"), let power = part("power"), let difference = asked["difference"]?.double,
            let alternative = Alternative(rawValue: asked["alternative"]?.string ?? "twoSided"),
            let variances = asked["variances"]?.array?.compactMap(\.double), variances.count == 2
        else { return nil }
        let pair = (variances[0], variances[1])
        let visitors: Int64?
        if let kind = FixedHorizonTest.Kind(rawValue: test) {
            visitors = Power(FixedHorizonTest(kind, alternative, alpha: alpha), power: power)
                .visitorsOfEach(difference: difference, variances: pair)
        } else if test == "sequential" {
            visitors = SequentialPower(SequentialTest(alpha: alpha), level: alpha, power: power)
                .visitorsOfEach(difference: difference, variances: pair)
        } else {
            return nil
        }
        return ["visitors": visitors.map { .integer($0) } ?? .null]
    }

    /// Whether visitors were shared out by the weights.
    private func shares(_ weights: [Double]) -> JSONValue? {
        guard let visitors = asked["visitors"]?.array?.compactMap(\.int64), visitors.count == weights.count else {
            return nil
        }
        let period = SampleRatioMismatch.Period(zip(weights, visitors).map { (weight: $0, visitors: $1) })
        guard let mismatch = SampleRatioMismatch([period]) else { return .null }
        return [
            "statistic": .known(mismatch.statistic), "degrees": .integer(Int64(mismatch.degreesOfFreedom)),
            "p": .known(mismatch.pValue),
        ]
    }

    private func part(_ name: String) -> Double? { asked[name]?.double.flatMap { $0 > 0 && $0 < 1 ? $0 : nil } }

    private func comparison(_ kind: String) -> JSONValue? {
        guard let alpha = asked["alpha"]?.double, alpha > 0, alpha < 1,
            let alternative = Alternative(rawValue: asked["alternative"]?.string ?? "twoSided"),
            let effectKind = Effect.Kind(rawValue: asked["kind"]?.string ?? "absolute"),
            let baseline = asked["baseline"].flatMap(sample), let variation = asked["variation"].flatMap(sample)
        else { return nil }
        guard let effect = Effect(effectKind, of: variation, over: baseline) else { return .null }
        let result: TestResult
        if let fixed = FixedHorizonTest.Kind(rawValue: kind) {
            result = FixedHorizonTest(fixed, alternative, alpha: alpha).evaluate(effect)
        } else if kind == "sequential" {
            result = SequentialTest(alternative, alpha: alpha).evaluate(effect)
        } else {
            return nil
        }
        return [
            "estimate": .known(effect.estimate), "standard_error": .known(effect.standardError),
            "degrees": .known(effect.degreesOfFreedom), "p": .known(result.pValue),
            "interval": .array([.known(result.interval.lower), .known(result.interval.upper)]),
        ]
    }

    private func sample(_ asked: JSONValue) -> (any Sample)? {
        if let rate = rate(asked) { return rate }
        guard let visitors = asked["visitors"]?.int64, visitors >= 0, let sum = asked["sum"]?.double,
            let squares = asked["squares"]?.double
        else { return nil }
        return MeanSample(count: visitors, sum: sum, sumOfSquares: squares)
    }

    private func rate(_ asked: JSONValue) -> ProportionSample? {
        guard let visitors = asked["visitors"]?.int64, let successes = asked["successes"]?.int64,
            (0...max(visitors, 0)).contains(successes)
        else { return nil }
        return ProportionSample(count: visitors, successes: successes)
    }

    private func tails(_ name: String, _ x: Double) -> (Double, Double)? {
        switch name {
        case "normal": return (NormalDistribution.lowerTail(x), NormalDistribution.upperTail(x))
        case "student": return student.map { ($0.lowerTail(x), $0.upperTail(x)) }
        case "chiSquare": return chiSquare.map { ($0.lowerTail(x), $0.upperTail(x)) }
        case "beta": return beta.map { ($0.lowerTail(x), $0.upperTail(x)) }
        default: return nil
        }
    }

    private func quantile(_ name: String, _ upper: Double) -> Double? {
        switch name {
        case "normal": NormalDistribution.upperQuantile(upper)
        case "student": student.map { $0.upperQuantile(upper) }
        case "chiSquare": chiSquare.map { $0.upperQuantile(upper) }
        default: nil
        }
    }

    private var student: StudentDistribution? {
        positive("degrees").map { StudentDistribution(degreesOfFreedom: $0) }
    }

    private var chiSquare: ChiSquareDistribution? {
        positive("degrees").map { ChiSquareDistribution(degreesOfFreedom: $0) }
    }

    private var beta: BetaDistribution? {
        guard let alpha = positive("alpha"), let beta = positive("beta") else { return nil }
        return BetaDistribution(alpha: alpha, beta: beta)
    }

    private func positive(_ name: String) -> Double? { asked[name]?.double.flatMap { $0 > 0 ? $0 : nil } }
}

extension JSONValue {
    /// A number, or null where it is none that JSON has.
    fileprivate static func known(_ number: Double) -> JSONValue { number.isFinite ? .double(number) : .null }
}
