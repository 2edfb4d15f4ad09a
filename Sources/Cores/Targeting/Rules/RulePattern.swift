/// A regular expression of a rule, for those who keep rules without evaluating them.
public struct RulePattern: Sendable {
    /// What keeps the pattern from being evaluated, as the end of a sentence about it; nil when nothing does.
    public let defect: String?
    /// Steps of the compiled pattern, repetitions written out: what counts for ``RuleLimits/maximumPatternSteps``.
    public let steps: Int

    /// Reads a pattern as the JavaScript SDK does, without flags but ignoring case.
    public init(_ pattern: String) {
        do throws(PatternError) {
            steps = try Pattern(pattern).stepCount
            defect = nil
        } catch {
            steps = 0
            defect =
                switch error {
                case .invalid: "is not a regular expression as JavaScript reads it; correct it"
                case .tooLarge: "is too large; split it over several rules"
                }
        }
    }
}
