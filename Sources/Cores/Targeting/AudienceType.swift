/// When an audience is asked for.
public enum AudienceType: String, Sendable, Hashable, CaseIterable {
    /// Only until the visitor is in the experience; who has an arm keeps it although the rules match no more.
    case permanent
    /// Each time; who has an arm is out of the experience as long as the rules do not match.
    case transient
    /// A segment: who has once been put in it is in it. Its rules are not asked again when an experience is decided;
    /// see ``VisitorFacts/segments``.
    case segmentation

    /// Whether the rules are evaluated for a visitor who already has an arm of the experience, or has none.
    ///
    /// Configurations hold permanent and transient audiences as `audiences`, those for segmentation as `segments`.
    public func isChecked(isBucketed: Bool) -> Bool {
        switch self {
        case .permanent: !isBucketed
        case .transient: true
        case .segmentation: false
        }
    }
}
