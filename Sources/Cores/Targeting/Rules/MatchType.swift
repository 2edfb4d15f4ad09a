/// How a rule compares (`match_type`). The serving contract has all but ``isIn`` and ``notExists``, which the SDKs know
/// besides.
enum MatchType: String, CaseIterable, Sendable {
    case equals
    case equalsNumber
    case matches
    case contains
    case startsWith
    case endsWith
    case regexMatches
    case less
    case lessEqual
    case isIn
    case exists
    case doesNotExist
    case notExists = "not_exists"

    /// Whether the rule needs no value, and is decided even where the attribute is missing.
    ///
    /// `not_exists` is not among them: the SDK wants a value with it and says no where the attribute is missing.
    var asksForExistence: Bool { self == .exists || self == .doesNotExist }
}
