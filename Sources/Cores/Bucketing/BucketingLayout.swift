/// How the arms of an experience are laid out over the bucket values.
public enum BucketingLayout: Sendable, Hashable {
    /// Active arms lie one after the other from 0 on. Changing an allocation moves the arms behind it, so visitors who
    /// are not remembered may change arms.
    case packed

    /// Each arm has a fixed start that depends only on the proportions of all arms. Raising all allocations together
    /// only makes the arms grow; stopping an arm moves no other.
    case anchored

    /// The layout that SDKs infer from an experience's `version`: anchored above 11, packed up to 11 or without one.
    public init(experienceVersion: Double?) {
        self = (experienceVersion ?? 0) > 11 ? .anchored : .packed
    }
}
