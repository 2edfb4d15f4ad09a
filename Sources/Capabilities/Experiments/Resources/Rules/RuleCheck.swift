import JSON
import ProjectDocuments
import Targeting

/// What must hold of rules beyond the contract's schemas, so that nothing is stored that no SDK, or this server alone,
/// would never match.
struct RuleCheck {
    /// More than anybody mends at a time.
    static let mostFindings = 50

    private let patterns: JudgedPatterns
    private var findings: [ExperimentsError.Finding] = []
    /// Steps of the patterns of one member.
    private var patternSteps = 0

    /// Checks the rules of a document.
    /// - Parameters:
    ///   - old: the document as it is stored: what has not changed stays as it is.
    ///   - patterns: what is known of its patterns.
    /// - Throws: ``ExperimentsError/invalid(_:)`` naming the places.
    static func check(
        rulesIn document: JSONObject, old: JSONObject?, _ patterns: JudgedPatterns
    ) throws(ExperimentsError) {
        var check = RuleCheck(patterns: patterns)
        for member in ResourceService.ruleMembers {
            guard let rules = document[member], rules != old?[member] else { continue }
            check.checkMember(member, rules)
        }
        if !check.findings.isEmpty { throw .invalid(check.findings) }
    }

    private init(patterns: JudgedPatterns) {
        self.patterns = patterns
    }

    /// The text of a rule's regular expression, if it has one.
    static func pattern(of rule: RuleElement) -> String? {
        guard rule.matching.matchType == "regexMatches", let value = rule.value else { return nil }
        return value.string ?? value.encodedString
    }

    private mutating func checkMember(_ member: String, _ rules: JSONValue) {
        patternSteps = 0
        find(in: rules, at: member)
        guard patternSteps > RuleLimits.maximumPatternSteps else { return }
        note(
            member,
            "has regular expressions that are too large together: at most \(RuleLimits.maximumPatternSteps) steps, "
                + "repetitions written out, are allowed. Make several audiences, locations or goals of it")
    }

    private mutating func note(_ field: String, _ problem: String) {
        guard findings.count < Self.mostFindings else { return }
        findings.append(.init(field: field, message: "\(field) \(problem)."))
    }

    private mutating func find(in value: JSONValue, at place: String) {
        guard findings.count < Self.mostFindings else { return }
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() { find(in: element, at: "\(place)[\(index)]") }
        case .object(let members):
            let rule = RuleElement(members)
            if rule.ruleType == nil {
                for (name, member) in members { find(in: member, at: "\(place).\(name)") }
            } else if let problem = patternProblem(of: rule) ?? Self.problem(of: rule) {
                note("\(place).value", problem)
            }
        default: break
        }
    }

    /// Those of one member count together. Once they are too many no more are looked at.
    private mutating func patternProblem(of rule: RuleElement) -> String? {
        guard let text = Self.pattern(of: rule), patternSteps <= RuleLimits.maximumPatternSteps else { return nil }
        let pattern = patterns[text]
        patternSteps += pattern.steps
        return rule.value?.string == nil ? nil : pattern.defect
    }

    /// What is wrong with the value of a rule, as the end of a sentence about it; nil when nothing is.
    private static func problem(of rule: RuleElement) -> String? {
        let type = rule.ruleType.flatMap(RuleType.init)
        let matchType = rule.matching.matchType?.string
        let value = rule.value
        if type == .bucketedIntoExperienceKey {
            return (value?.string ?? "").isEmpty ? "must be the key of an experience" : nil
        }
        switch matchType {
        case "exists", "doesNotExist": return nil
        // The SDKs want a value with this one, and look at none.
        case "not_exists": return value == nil ? "must be given, be it null; or use doesNotExist" : nil
        case "isIn": return listProblem(value)
        default: break
        }
        switch value {
        case .null?: return "must not be null: that is for exists and doesNotExist"
        case .array?: return "must not be a list: that is for isIn"
        case .string(let text)?:
            if matchType == "regexMatches" { return nil }
            if type?.isWord ?? false, text.utf8.contains(bar) { return "must be one word: a list is for isIn" }
            // The contract's schema takes text for a number's sake, which is for lists.
            return type?.isNumeric ?? false ? "must be a number: text is for isIn" : nil
        default: return nil
        }
    }

    private static let bar = UInt8(ascii: "|")

    private static func listProblem(_ value: JSONValue?) -> String? {
        switch value {
        case .string?: return nil
        case .array(let elements)?:
            let hasBar = elements.contains { $0.string?.utf8.contains(bar) ?? false }
            return hasBar ? "must hold elements without |, which stands between elements of what is compared" : nil
        default: return "must be a list for isIn: an array, or text with | between the elements"
        }
    }
}
