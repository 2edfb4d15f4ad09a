import JSON
import Targeting

/// What must hold of rules beyond the contract's schemas, so that nothing is stored that no SDK, or this server alone,
/// would never match.
enum RuleCheck {
    /// Checks the rules of a document.
    /// - Parameter old: the document as it is stored: what has not changed stays as it is.
    /// - Throws: ``ExperimentsError/invalid(_:)`` naming the places.
    static func check(rulesIn document: JSONObject, old: JSONObject?) throws(ExperimentsError) {
        var findings: [ExperimentsError.Finding] = []
        for member in ResourceService.ruleMembers {
            guard let rules = document[member], rules != old?[member] else { continue }
            find(in: rules, at: member, &findings)
        }
        if !findings.isEmpty { throw .invalid(Array(findings.prefix(mostFindings))) }
    }

    /// More than anybody mends at a time.
    private static let mostFindings = 50

    private static func find(in value: JSONValue, at place: String, _ findings: inout [ExperimentsError.Finding]) {
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() { find(in: element, at: "\(place)[\(index)]", &findings) }
        case .object(let members):
            if members["rule_type"]?.string == nil {
                for (name, member) in members { find(in: member, at: "\(place).\(name)", &findings) }
            } else if let problem = problem(of: members) {
                let field = "\(place).value"
                findings.append(.init(field: field, message: "\(field) \(problem)."))
            }
        default: break
        }
    }

    /// What is wrong with the value of a rule, as the end of a sentence about it; nil when nothing is.
    private static func problem(of rule: JSONObject) -> String? {
        let type = rule["rule_type"]?.string.flatMap(RuleType.init)
        let matchType = rule["matching"]?["match_type"]?.string
        let value = rule["value"]
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
            if matchType == "regexMatches" { return RulePattern.defect(of: text) }
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
