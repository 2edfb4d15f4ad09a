/// Something that is claimed of the statistics, and how often it was so.
public struct Check: Sendable, Equatable {
    /// What is claimed of how often something happens, within three standard errors of so many runs.
    public enum Claim: Sendable {
        case about
        case atMost
        case atLeast
        /// What a test does that is used in a way it is not made for: it fails the check that `atMost` is.
        case moreThan
    }

    public let name: String
    public let claim: Claim
    /// How often it is claimed to happen, between 0 and 1.
    public let expected: Double
    /// How often it happened.
    public let found: Double
    /// What is taken for the claim being true.
    public let bounds: ClosedRange<Double>

    /// - Parameters:
    ///   - happened: in how many of the runs.
    ///   - runs: positive.
    public init(_ name: String, _ claim: Claim, _ expected: Double, happened: Int, runs: Int) {
        self.name = name
        self.claim = claim
        self.expected = expected
        found = Double(happened) / Double(runs)
        let tolerance = 3 * (expected * (1 - expected) / Double(runs)).squareRoot()
        let (low, high) = (max(expected - tolerance, 0), min(expected + tolerance, 1))
        bounds =
            switch claim {
            case .about: low...high
            case .atMost: 0...high
            case .atLeast: low...1
            case .moreThan: high.nextUp...max(1, high.nextUp)
            }
    }

    public var holds: Bool { bounds.contains(found) }
}
