import JSON

/// What finding out a segment's members may take, in steps of about a nanosecond. It follows from the rule and the profiles
/// alone, and more persons may take more.
struct SegmentWork {
    /// What any segment may take.
    private static let baseSteps = 200_000_000
    /// What each person adds.
    private static let stepsPerPerson = 100_000

    private var steps = 0
    private var allowed = Self.baseSteps

    /// Whether it has become more than is allowed.
    var isExceeded: Bool { steps > allowed }

    /// What has been done so far.
    var stepsDone: Int { steps }

    mutating func beginPerson() { allowed += Self.stepsPerPerson }

    mutating func spend(_ steps: Int) { self.steps += steps }
}

extension PropertyCondition {
    /// What any condition takes.
    private static let baseSteps = 64

    /// What deciding it for a person takes: finding the property, and comparing its value.
    func steps(for candidate: SegmentCandidate) -> Int {
        let properties = subject == .user ? candidate.properties : candidate.companyProperties
        guard let properties else { return Self.baseSteps }
        let valueBytes = properties[key]?.withRawText { $0.count } ?? 0
        let finding = properties.withRawText { $0.count } / 16
        if case .list(let values) = operand { return Self.baseSteps + finding + values.count * (8 + valueBytes / 8) }
        return Self.baseSteps + finding + valueBytes
    }
}
