import Serving
import Targeting
import Text

extension DecisionPlan {
    /// Decides with all the work that it takes.
    func decide(_ facts: VisitorFacts, only keys: Set<ClientText>? = nil) -> [Decision] {
        decide(facts, only: keys, RuleEvaluation()).made
    }
}
