/// How many of an experience's audiences or locations must match (`settings.matching_options`).
public enum ListMatching: String, Sendable, Hashable, CaseIterable {
    /// One is enough. What the contract takes where nothing is said.
    case any
    /// All of them.
    case all

    /// Whether enough elements match; the list must not be empty.
    func isSatisfied<Element>(by list: [Element], _ isMatched: (Element) -> Bool) -> Bool {
        self == .all ? list.allSatisfy(isMatched) : list.contains(where: isMatched)
    }
}
