import JSON
import Time

/// One person as a rule sees it.
struct SegmentCandidate {
    let userID: String
    let companyID: String?
    let firstSeenAt: Timestamp
    let lastSeenAt: Timestamp
    /// The person's properties, a JSON object.
    let properties: JSONNode
    /// The company's properties; nil without a company.
    let companyProperties: JSONNode?
    /// How many events that satisfy the condition the person caused.
    let eventCount: (EventCondition) -> Int
}

extension SegmentRule {
    /// Whether the person belongs to the segment; no answer where the work is exceeded afterwards.
    func matches(_ candidate: SegmentCandidate, _ work: inout SegmentWork) -> Bool {
        switch self {
        case .all(let rules): return rules.allSatisfy { $0.matches(candidate, &work) }
        case .any(let rules): return rules.contains { $0.matches(candidate, &work) }
        case .not(let rule): return !rule.matches(candidate, &work)
        case .property(let condition):
            work.spend(condition.steps(for: candidate))
            return !work.isExceeded && condition.matches(candidate)
        case .eventCount(let condition, let comparison): return comparison.holds(for: candidate.eventCount(condition))
        }
    }
}

extension EventCountComparison {
    func holds(for count: Int) -> Bool {
        switch self {
        case .atLeast(let limit): count >= limit
        case .atMost(let limit): count <= limit
        case .exactly(let number): count == number
        }
    }
}

extension PropertyCondition {
    func matches(_ candidate: SegmentCandidate) -> Bool {
        comparison.holds(for: value(of: candidate), operand)
    }

    /// A property of the given name, else what the profile itself knows under that name.
    private func value(of candidate: SegmentCandidate) -> PropertyValue? {
        switch subject {
        case .user:
            if let node = candidate.properties[key] { return PropertyValue(node) }
            switch key {
            case "user_id": return .text(candidate.userID)
            case "company_id": return candidate.companyID.map(PropertyValue.text)
            case "first_seen_at": return .text(candidate.firstSeenAt.description)
            case "last_seen_at": return .text(candidate.lastSeenAt.description)
            default: return nil
            }
        case .company:
            if let node = candidate.companyProperties?[key] { return PropertyValue(node) }
            return key == "company_id" ? candidate.companyID.map(PropertyValue.text) : nil
        }
    }
}
