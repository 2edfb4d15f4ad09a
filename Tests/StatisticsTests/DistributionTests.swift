import JSON
import Testing

@testable import Statistics

@Suite struct DistributionTests {
    @Test func normal() throws {
        for row in try Golden.rows("normal") {
            let z = try row.number("z")
            #expect(isNear(NormalDistribution.density(z), try row.number("density")), "at \(z)")
            #expect(isNear(NormalDistribution.upperTail(z), try row.number("upper")), "at \(z)")
            #expect(isNear(NormalDistribution.lowerTail(-z), try row.number("upper")), "at \(z)")
        }
    }

    @Test func student() throws {
        for row in try Golden.rows("student") {
            let (t, n) = (try row.number("t"), try row.number("n"))
            let distribution = StudentDistribution(degreesOfFreedom: n)
            let upper = try row.number("upper")
            #expect(isNear(distribution.upperTail(t), upper), "at \(t), \(n)")
            #expect(isNear(distribution.lowerTail(-t), upper), "at \(t), \(n)")
            #expect(isNear(distribution.lowerTail(t), 1 - upper), "at \(t), \(n)")
            #expect(isNear(distribution.bothTails(-t), 2 * upper), "at \(t), \(n)")
            #expect(isNear(distribution.density(t), try row.number("density"), 1e-9), "at \(t), \(n)")
        }
    }

    @Test func chiSquare() throws {
        for row in try Golden.rows("chiSquare") {
            let (x, n) = (try row.number("x"), try row.number("n"))
            let distribution = ChiSquareDistribution(degreesOfFreedom: n)
            for (value, name) in [
                (distribution.lowerTail(x), "lower"), (distribution.upperTail(x), "upper"),
                (distribution.density(x), "density"),
            ] {
                #expect(isNear(value, try row.number(name)), "\(name) at \(x), \(n)")
            }
        }
    }

    @Test func beta() throws {
        for row in try Golden.rows("beta") {
            let distribution = BetaDistribution(alpha: try row.number("a"), beta: try row.number("b"))
            let x = try row.number("x")
            for (value, name) in [
                (distribution.lowerTail(x), "lower"), (distribution.upperTail(x), "upper"),
                (distribution.density(x), "density"),
            ] {
                #expect(isNear(value, try row.number(name), 1e-9), "\(name) at \(x) of \(distribution)")
            }
        }
    }

    /// A quantile leads back to its probability, from the middle to the ends of what a number can hold.
    @Test(arguments: [1e-300, 1e-100, 1e-20, 1e-8, 0.001, 0.025, 0.2, 0.4, 0.45, 0.5])
    func quantilesLeadBack(_ probability: Double) {
        #expect(isNear(NormalDistribution.upperTail(NormalDistribution.upperQuantile(probability)), probability, 1e-11))
        #expect(isNear(NormalDistribution.lowerTail(NormalDistribution.quantile(probability)), probability, 1e-11))
        for n in [1.0, 2.5, 30, 1e5, 1e9] {
            let student = StudentDistribution(degreesOfFreedom: n)
            let t = student.upperQuantile(probability)
            #expect(t == .infinity || isNear(student.upperTail(t), probability, 1e-9 * max(1, n * 1e-6)), "\(n)")
            let square = ChiSquareDistribution(degreesOfFreedom: n)
            #expect(isNear(square.upperTail(square.upperQuantile(probability)), probability, 1e-6), "\(n)")
            let x = square.quantile(probability)
            #expect(x < 1e-300 || isNear(square.lowerTail(x), probability, 1e-6), "\(n)")
        }
        for (a, b) in [(1.0, 1.0), (3, 8), (101, 901), (5_001, 95_001)] {
            let beta = BetaDistribution(alpha: a, beta: b)
            #expect(isNear(beta.lowerTail(beta.quantile(probability)), probability, 1e-8), "\(a), \(b)")
        }
    }

    @Test func endsAndNonsense() {
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
        #expect(NormalDistribution.quantile(-0.1).isNaN && NormalDistribution.quantile(.nan).isNaN)
        let student = StudentDistribution(degreesOfFreedom: 3)
        #expect(student.upperTail(.infinity) == 0 && student.upperTail(-.infinity) == 1)
        #expect(student.upperTail(.nan).isNaN)
        #expect(student.quantile(0.5) == 0 && student.quantile(2).isNaN)
        #expect(StudentDistribution(degreesOfFreedom: 0.5).upperQuantile(1e-300) == .infinity)
        let square = ChiSquareDistribution(degreesOfFreedom: 2)
        #expect(square.lowerTail(-1) == 0 && square.upperTail(.infinity) == 0 && square.density(-1) == 0)
        #expect(square.quantile(0) == 0 && square.quantile(1) == .infinity && square.quantile(1.5).isNaN)
        let beta = BetaDistribution(alpha: 2, beta: 3)
        #expect(beta.lowerTail(-1) == 0 && beta.upperTail(2) == 0 && beta.density(0) == 0 && beta.density(7) == 0)
        #expect(beta.quantile(0) == 0 && beta.quantile(1) == 1 && beta.quantile(-1).isNaN)
        #expect(BetaDistribution(alpha: 1, beta: 4).density(0) == 4)
    }
}
