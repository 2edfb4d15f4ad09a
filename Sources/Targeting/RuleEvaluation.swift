/// One evaluation of rules, for one visitor or event: how much work it may still take, and what it has put in lower case
/// already.
///
/// Rules come from whoever edits an experience and facts from whoever visits a site, so neither may decide how long a
/// decision takes. Work is counted in steps, each about a nanosecond of a plain comparison; how many an evaluation takes
/// follows from rules and facts alone. Once they are used up nothing matches any more and ``isExceeded`` tells that what
/// came out is no answer.
public final class RuleEvaluation {
    private var stepsLeft: Int
    private var lowered: [FactName: String] = [:]

    /// An evaluation that may take so many steps.
    public init(maximumSteps: Int = .max) {
        stepsLeft = max(maximumSteps, 0)
    }

    /// Whether the work was more than was allowed.
    public var isExceeded: Bool { stepsLeft < 0 }

    /// Steps that are left, 0 when none are.
    var remainingSteps: Int { max(stepsLeft, 0) }

    /// Counts work before it is done.
    /// - Returns: whether there were as many steps left.
    func spend(_ steps: Int) -> Bool {
        guard stepsLeft >= steps else {
            giveUp()
            return false
        }
        stepsLeft -= steps
        return true
    }

    /// Says that there is no answer.
    func giveUp() { stepsLeft = -1 }

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
