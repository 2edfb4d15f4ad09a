import JSON

/// Turns rules as JSON into rules that can be evaluated.
struct RuleCompiler {
    private(set) var defects: [RuleDefect] = []
    /// Whether there are more rules, or more of patterns, than are ever evaluated.
    private(set) var isTooLarge = false

    private var ruleCount = 0
    private var patternSteps = 0

    /// The blocks of a tree that can match.
    mutating func branches(of rules: JSONValue) -> [[[Rule]]] {
        elements("OR", of: rules, at: "").compactMap { branch, path in
            var blocks: [[Rule]] = []
            var canMatch = true
            for (block, path) in elements("AND", of: branch, at: path) {
                let compiled = elements("OR_WHEN", of: block, at: path).compactMap { rule(of: $0, at: $1) }
                if compiled.isEmpty { canMatch = false }
                blocks.append(compiled)
            }
            return canMatch && !blocks.isEmpty ? blocks : nil
        }
    }

    private mutating func elements(
        _ name: String, of block: JSONValue, at path: String
    ) -> [(JSONValue, String)] {
        guard let list = block[name]?.array, !list.isEmpty else {
            note(.noElements(name), at: path)
            return []
        }
        let prefix = path.isEmpty ? name : "\(path).\(name)"
        return list.enumerated().map { ($1, "\(prefix)[\($0)]") }
    }

    private mutating func rule(of json: JSONValue, at path: String) -> Rule? {
        ruleCount += 1
        isTooLarge = isTooLarge || ruleCount > RuleLimits.maximumRules
        guard !isTooLarge else { return nil }
        do throws(Refusal) {
            let rule = try Self.compiled(json)
            patternSteps += rule.patternSteps
            isTooLarge = patternSteps > RuleLimits.maximumPatternSteps
            return rule
        } catch {
            note(error.reason, at: path)
            return nil
        }
    }

    private struct Refusal: Error {
        let reason: RuleDefect.Reason
    }

    private static func compiled(_ json: JSONValue) throws(Refusal) -> Rule {
        guard let rule = json.object else { throw Refusal(reason: .notAnObject) }
        guard let matching = rule["matching"]?.object else { throw Refusal(reason: .noMatching) }
        guard let name = matching["match_type"]?.string else { throw Refusal(reason: .noMatchType) }
        guard let matchType = MatchType(rawValue: name) else { throw Refusal(reason: .unknownMatchType(name)) }
        guard let isNegated = matching["negated"]?.bool else { throw Refusal(reason: .noNegation) }
        guard rule["value"] != nil || matchType.asksForExistence else { throw Refusal(reason: .noValue) }
        let value = rule["value"] ?? .null
        let type = rule["rule_type"]?.string.flatMap(RuleType.init)
        let key = rule["key"]?.string
        if key == nil {
            switch type {
            case .bucketedIntoExperience:
                return bucketed(value, isNegated: isNegated)
            case .javaScriptCondition:
                return Rule(
                    type: type, key: nil, test: .condition(code: value.scriptText), isNegated: isNegated,
                    asksForExistence: false)
            case .textAttribute, .numericAttribute, .booleanAttribute, .attribute, nil:
                // The SDKs still answer whether what is nowhere exists.
                guard matchType.asksForExistence else { throw Refusal(reason: .noKey) }
            default: break
            }
        }
        do throws(PatternError) {
            return Rule(
                type: type, key: key, test: .comparison(try Comparison(matchType, with: value)), isNegated: isNegated,
                asksForExistence: matchType.asksForExistence)
        } catch {
            throw Refusal(reason: .init(error))
        }
    }

    /// A rule whose value is true or false asks about any experience, otherwise about the one with this id.
    private static func bucketed(_ value: JSONValue, isNegated: Bool) -> Rule {
        let experienceID = value.bool == nil ? value.scriptText : nil
        return Rule(
            type: .bucketedIntoExperience, key: nil, test: .bucketed(experienceID: experienceID),
            isNegated: value.bool == false ? !isNegated : isNegated, asksForExistence: false)
    }

    private mutating func note(_ reason: RuleDefect.Reason, at path: String) {
        if defects.count < RuleTree.mostDefects { defects.append(RuleDefect(path: path, reason: reason)) }
    }
}
