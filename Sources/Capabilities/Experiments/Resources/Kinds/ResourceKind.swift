/// The kinds of things a project holds, as the store and the change history name them.
public enum ResourceKind: String, Sendable, CaseIterable {
    case tag
    case goal
    case audience
    case location
    case feature
    case hypothesis
    case knowledgeBase = "knowledge_base"
    case observation
    case domain
    case experience

    /// What messages call one of them.
    public var noun: String { rawValue.replacing("_", with: " ") }
}
