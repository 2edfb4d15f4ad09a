/// The regular expressions of rules, for those who keep rules without evaluating them.
public enum RulePattern {
    /// What keeps a pattern from being evaluated, as the end of a sentence about it; nil when nothing does.
    ///
    /// Patterns are read as the JavaScript SDK reads them, without flags but ignoring case.
    public static func defect(of pattern: String) -> String? {
        do throws(PatternError) {
            _ = try Pattern(pattern)
            return nil
        } catch {
            return switch error {
            case .invalid: "is not a regular expression as JavaScript reads it; correct it"
            case .tooLarge: "is too large; split it over several rules"
            }
        }
    }
}
