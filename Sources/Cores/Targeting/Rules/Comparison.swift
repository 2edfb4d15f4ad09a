import JSON
import Text

/// A rule's comparison, with all that depends on the rule alone worked out.
///
/// Follows the JavaScript SDK's comparison processor: text in any case, numbers also as text, and no match at all,
/// negated or not, where two things cannot be compared.
///
/// Indirect so that looking at a comparison counts one reference and not one for each text in it.
indirect enum Comparison: Sendable {
    case equals(LoweredText, raw: JSONValue, key: String)
    case contains(LoweredText)
    case startsWith(LoweredText)
    case endsWith(LoweredText)
    case regexMatches(Pattern)
    case less(Orderable, orEqual: Bool)
    case isIn(TokenList)
    case exists
    case doesNotExist
    /// Matches everything there is.
    case always

    /// Prepares a comparison.
    ///
    /// - Throws: ``PatternError`` when the value of `regexMatches` is not a pattern that can be evaluated.
    init(_ type: MatchType, with value: JSONValue) throws(PatternError) {
        let text = value.scriptText
        switch type {
        case .equals, .equalsNumber, .matches: self = .equals(LoweredText(text), raw: value, key: text)
        case .contains:
            self = text.utf16.allSatisfy(Self.isSpace) ? .always : .contains(LoweredText(text, searchable: true))
        case .startsWith: self = .startsWith(LoweredText(text))
        case .endsWith: self = .endsWith(LoweredText(text))
        case .regexMatches: self = .regexMatches(try Pattern(text))
        case .less: self = .less(Orderable(FactValue(value)), orEqual: false)
        case .lessEqual: self = .less(Orderable(FactValue(value)), orEqual: true)
        case .isIn:
            switch value {
            case .string(let list):
                let tokens = list.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
                self = .isIn(TokenList(tokens.map { String(Substring($0)) }))
            case .array(let elements): self = .isIn(TokenList(elements.map(\.scriptText)))
            default: self = .isIn(TokenList([]))
            }
        case .exists: self = .exists
        case .doesNotExist, .notExists: self = .doesNotExist
        }
    }

    /// Whether a fact compares; nil when the two cannot be compared, which no negation turns into a match.
    /// - Parameter name: what the fact is called, asked for where its lower case is to be kept.
    func holds(
        for fact: FactValue, _ evaluation: RuleEvaluation, _ name: @autoclosure () -> FactName
    ) -> Bool? {
        switch self {
        case .exists: return Self.isPresent(fact)
        case .doesNotExist: return !Self.isPresent(fact)
        default: break
        }
        if case .missing = fact { return nil }
        guard evaluation.spend(steps(for: fact, upTo: evaluation.remainingSteps)) else { return nil }
        switch self {
        case .equals(let text, let raw, let key):
            switch fact {
            case .array(let elements): return elements.contains { $0.isIdentical(to: raw) }
            case .object(let members) where !members.isEmpty:
                return members.members.contains { $0.key.hasSameBytes(as: key) }
            case .ids(let ids): return ids.contains(ClientText(key))
            default: return text.equals(fact.text) { evaluation.lowercased($0, name()) }
            }
        case .contains(let text): return text.occurs(in: fact.text) { evaluation.lowercased($0, name()) }
        case .startsWith(let text): return text.isPrefix(of: fact.text) { evaluation.lowercased($0, name()) }
        case .endsWith(let text): return text.isSuffix(of: fact.text) { evaluation.lowercased($0, name()) }
        case .regexMatches(let pattern):
            return pattern.occurs(in: fact.text, evaluation) { evaluation.lowercased($0, name()) }
        case .less(let bound, let orEqual): return Orderable(fact).isLess(than: bound, orEqual: orEqual)
        case .isIn(let list): return list.holdsToken(of: fact.text)
        case .always: return true
        case .exists, .doesNotExist: return nil
        }
    }

    /// What a comparison takes for a fact of its size; a pattern counts its search itself.
    private func steps(for fact: FactValue, upTo limit: Int) -> Int {
        let size = fact.size(upTo: limit)
        return switch self {
        case .contains, .regexMatches: size
        // These stop where the texts differ, but for a text that is not ASCII.
        case .equals, .startsWith, .endsWith, .less, .isIn: fact.isText ? size / 8 : size
        case .exists, .doesNotExist, .always: 0
        }
    }

    private static func isPresent(_ fact: FactValue) -> Bool {
        switch fact {
        case .missing, .null: false
        case .text(let text): !text.isEmpty
        default: true
        }
    }

    private static func isSpace(_ unit: UInt16) -> Bool {
        UnitSet.spaces.contains { $0.contains(unit) }
    }
}
