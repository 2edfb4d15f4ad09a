/// One evaluation of rules, for one visitor or event: how much work it may still take, and what it has put in lower case
/// already.
///
/// Rules come from whoever edits an experience and facts from whoever visits a site, so neither may decide how long a
/// decision takes. Work is counted in steps, each about a nanosecond of a plain comparison; how many an evaluation takes
/// follows from rules and facts alone. Once they are used up nothing matches any more and ``isExceeded`` tells that what
/// came out is no answer. A question that has none for reasons of its own, such as a pattern that goes back too often,
/// leaves the steps to the next: ``answer(_:)`` tells them apart.
public final class RuleEvaluation {
    private var stepsLeft: Int
    private var lowered: [FactName: String] = [:]
    /// Whether the question at hand has no answer, whatever steps are left.
    private var isGivenUp = false

    /// An evaluation that may take so many steps.
    public init(maximumSteps: Int = .max) {
        stepsLeft = max(maximumSteps, 0)
    }

    /// Whether the work was more than was allowed.
    public var isExceeded: Bool { stepsLeft < 0 }

    /// Whether what comes out is no answer: nothing matches any more.
    var hasNoAnswer: Bool { isGivenUp || isExceeded }

    /// Answers one of several questions, such as whether one experience admits the visitor.
    /// - Returns: nil where there is no answer; the next question may have one unless ``isExceeded``.
    public func answer(_ question: (RuleEvaluation) -> Bool) -> Bool? {
        isGivenUp = false
        let answer = question(self)
        return hasNoAnswer ? nil : answer
    }

    /// Steps that are left, 0 when none are.
    var remainingSteps: Int { max(stepsLeft, 0) }

    /// Counts work before it is done.
    /// - Returns: whether there were as many steps left.
    func spend(_ steps: Int) -> Bool {
        guard stepsLeft >= steps else {
            stepsLeft = -1
            return false
        }
        stepsLeft -= steps
        return true
    }

    /// Says that the question at hand has no answer.
    func giveUp() { isGivenUp = true }

    /// What putting a byte in lower case by Unicode's rules takes.
    private static let stepsPerLoweredByte = 48

    /// The lower case of a fact's text, made once however many rules ask for it.
    func lowercased(_ text: String, _ name: FactName) -> String {
        if let known = lowered[name] { return known }
        guard spend(text.utf8.count * Self.stepsPerLoweredByte) else { return "" }
        let made = ScriptText.lowercased(text)
        lowered[name] = made
        return made
    }
}

/// What a rule asks for.
struct FactName: Hashable {
    let scope: RuleScope
    let type: RuleType?
    /// The key's UTF-8.
    let key: [UInt8]?

    init(_ scope: RuleScope, _ type: RuleType?, _ key: String?) {
        self.scope = scope
        self.type = type
        self.key = key.map { Array($0.utf8) }
    }
}
