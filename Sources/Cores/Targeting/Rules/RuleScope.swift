/// Which attributes rules look their keys up in.
public enum RuleScope: Sendable, Hashable {
    /// The visitor's: audiences, segments and goals.
    case visitor
    /// The place's: locations and site areas.
    case location
}
