import ControlStore
import Identity
public import JSON
import ProjectDocuments
import Reports
import Resources
import Time

extension ExperienceAutomation {
    /// What the experience does by itself, and what was decided last (Sextant's operation `getExperienceAutomation`).
    /// - Parameters:
    ///   - accountID: of the caller.
    ///   - projectIDs: the projects that the caller may look into; nil for all of the account's.
    ///   - environment: the only environment whose experiences the caller may look at; nil for all.
    /// - Throws: `ExperimentsError` for an experience that is not there.
    public func state(
        of experienceID: Int64, accountID: Int64, projectIDs: Set<Int64>?, environment: String?
    ) async throws -> JSONValue {
        let project = try await resources.project(
            of: .experience, experienceID, accountID: accountID, projectIDs: projectIDs)
        let scope = ResourceScope(
            project: project, author: ChangeAuthor(name: "automation", method: .api, requestID: nil), role: .browse)
        let rules = try await reports.rules(of: experienceID, environment: environment, scope)
        let last = try await store.read { try Evaluation.fetch(experienceID, from: $0) }
        func time(_ time: Timestamp?) -> JSONValue { time.map { .integer($0.seconds) } ?? .null }
        return [
            "experience_id": .integer(experienceID), "keep_winner": .bool(rules.keepsWinner),
            "stop_loser": .bool(rules.stopsLosers), "mab": .bool(rules.reallocates),
            "min_running_time": .integer(rules.leastDays), "limits": Self.show(rules.limits),
            "keep_running_until_confidence": .bool(rules.needsSignificance),
            "decides": .string(Self.decides(rules, hasPassedHorizon: last?.horizonPassedAt != nil)),
            "evaluated_at": time(last?.evaluatedAt), "horizon_passed_at": time(last?.horizonPassedAt),
            "reallocated_at": time(last?.reallocatedAt), "decision": last?.decision ?? .null,
        ]
    }

    /// 0 where there is no limit.
    private static func show(_ limits: RunningLimits) -> JSONValue {
        func show(_ limit: RunningLimits.Limit) -> JSONValue {
            ["value": .integer(limit.value), "source": .string(limit.source.rawValue)]
        }
        return [
            "min_running_time": show(limits.leastDays), "max_running_time": show(limits.mostDays),
            "max_experience_visitors": show(limits.mostVisitors),
        ]
    }

    /// When results may be acted on.
    private static func decides(_ rules: DecisionRules, hasPassedHorizon: Bool) -> String {
        guard rules.actsOnResults else { return "never" }
        return rules.allowsAnyLook || hasPassedHorizon ? "any_time" : "at_horizon"
    }
}
