/// What kind of thing can be set aside; the names are those of the contract (`sextant.yaml`).
public enum SetAsideKind: String, Sendable, CaseIterable {
    /// An event whose effect on profiles is missing.
    case people
    /// An event that taught the catalogue nothing.
    case catalogue
    /// An event that was not looked at for goals.
    case goals
    /// An event that was not counted as a use of a feature.
    case features
    /// A job that has failed for good without saying why it had to.
    case job
    /// Experiment events between the tracker and the event store.
    case experimentEvent = "experiment_event"
    /// A goal that a product event reached and that is not counted.
    case reachedGoal = "reached_goal"
    /// What was known of a visitor of experiments.
    case visitor
    /// An experience that cannot be started or stopped at its time.
    case schedule
    /// An experience whose results cannot be evaluated.
    case automation
    /// A project whose config cannot be made.
    case config
}
