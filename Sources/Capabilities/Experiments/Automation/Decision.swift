import JSON
import Reports
import Time

/// What follows from how an experience stands.
struct Decision: Sendable, Equatable {
    enum Act: Sendable, Equatable {
        case nothing
        /// These variations get no more new visitors.
        case stop(Set<Int64>)
        /// This variation gets all new visitors.
        case keep(Int64)
        /// The experience ends.
        case complete
        /// New visitors are shared out anew, by variation.
        case share([Int64: Double])
    }

    /// What is known besides the results.
    struct Facts: Sendable {
        var now: Timestamp
        /// It has run as long, or has had as many visitors, as it may.
        var isAtLimit = false
        /// The winner has all new visitors.
        var isConcluded = false
        /// When new visitors were shared out last.
        var reallocatedAt: Timestamp?
    }

    let act: Act
    /// A sentence for whoever asks.
    let reason: String
    /// Whether a test of a fixed number of visitors has had its one look.
    var passesHorizon = false
    /// When something else may follow though nobody comes and nothing is changed; nil where it may not.
    var isOpenUntil: Timestamp?

    private init(_ act: Act, _ reason: String, passesHorizon: Bool = false, isOpenUntil: Timestamp? = nil) {
        self.act = act
        self.reason = reason
        self.passesHorizon = passesHorizon
        self.isOpenUntil = isOpenUntil
    }

    /// - Parameter conclusion: by a test that may be looked at any time, where the horizon was passed without a result.
    static func of(_ conclusion: Conclusion, _ facts: Facts) -> Decision {
        let rules = conclusion.rules
        guard rules.actsOnResults || rules.reallocates else {
            return Decision(.nothing, "Neither keep_winner, nor stop_loser, nor mab_settings is set.")
        }
        guard conclusion.isRunning, let start = conclusion.startedAt else {
            return Decision(.nothing, "The experience does not run.")
        }
        guard !facts.isConcluded else {
            return Decision(.nothing, "The winner has all new visitors; nothing more is decided.")
        }
        guard let goal = conclusion.primary else {
            return Decision(.nothing, "The experience has no primary goal to be judged by.")
        }
        let days = (facts.now.seconds - start) / 86_400
        guard facts.isAtLimit || days >= rules.leastDays else {
            return Decision(
                .nothing, "It runs for \(rules.leastDays) days before anything is decided (min_running_time).",
                isOpenUntil: Timestamp(
                    seconds: start.addingSaturating(rules.leastDays.multipliedSaturating(by: 86_400))))
        }
        guard !conclusion.isMismatched else {
            return Decision(
                .nothing,
                "Visitors are not shared out as they were to be (srm): find out why before anything is decided.")
        }
        if rules.actsOnResults {
            let decision = decide(goal, conclusion, facts)
            guard decision.act == .nothing, rules.reallocates else { return decision }
            let sharing = reallocate(conclusion, facts)
            return Decision(
                sharing.act, sharing.reason, passesHorizon: decision.passesHorizon, isOpenUntil: sharing.isOpenUntil)
        }
        return reallocate(conclusion, facts)
    }

    // MARK: results

    private static func decide(_ goal: GoalConclusion, _ conclusion: Conclusion, _ facts: Facts) -> Decision {
        let rules = conclusion.rules
        let visited = goal.variations.filter { (conclusion.weights[$0.variationID] ?? 0) > 0 }
        let compared = visited.filter { !$0.isBaseline }
        guard !compared.isEmpty, compared.count < visited.count else {
            return Decision(.nothing, "Nothing runs, or there is no baseline running that it could be compared with.")
        }
        let isAtHorizon = facts.isAtLimit || compared.allSatisfy(\.hasPlannedVisitors)
        guard rules.allowsAnyLook || isAtHorizon else {
            return Decision(
                .nothing,
                """
                A test of a fixed number of visitors is decided once, when they have come: set fixed_mde, max_running_time or \
                max_experience_visitors for it to come, or test_type sequential to decide at any time.
                """)
        }
        guard compared.allSatisfy(\.isLargeEnough) else {
            return Decision(
                .nothing, "Not every variation has min_variation_visitors and min_variation_conversions yet.")
        }
        let winner = compared.filter { $0.result == .winner }.max { ($0.improvement ?? 0) < ($1.improvement ?? 0) }
        if let winner, rules.keepsWinner {
            return Decision(.keep(winner.variationID), "Variation \(winner.variationID) is better than the baseline.")
        }
        if let winner {
            return Decision(.complete, "Variation \(winner.variationID) is better than the baseline.")
        }
        let losers = Set(compared.filter { $0.result == .losing }.map(\.variationID))
        if rules.stopsLosers, !losers.isEmpty {
            let names = losers.sorted().map(String.init).joined(separator: ", ")
            return losers.count == compared.count
                ? Decision(.complete, "No variation is left that could be better than the baseline.")
                // A fixed test of the others has had its one look, too.
                : Decision(
                    .stop(losers), "Worse than the baseline: \(names).",
                    passesHorizon: !rules.allowsAnyLook && !facts.isAtLimit)
        }
        guard isAtHorizon, !(rules.allowsAnyLook && rules.needsSignificance) else {
            return Decision(.nothing, "No variation is known to be better or worse than the baseline yet.")
        }
        if facts.isAtLimit {
            return Decision(.nothing, "It has run as long as it may, and no difference is to be seen.")
        }
        return rules.needsSignificance
            ? Decision(
                .nothing,
                """
                As many visitors as planned have come, and no difference is to be seen. It runs on \
                (keep_running_until_confidence), and is judged by the sequential test from now on.
                """, passesHorizon: true)
            : Decision(.complete, "As many visitors as planned have come, and no difference is to be seen.")
    }

    // MARK: bandits

    /// Shares that differ by less are the same: they change every day a little.
    private static let leastDifference = 0.005

    private static func reallocate(_ conclusion: Conclusion, _ facts: Facts) -> Decision {
        let day = { (time: Timestamp) in CalendarDate(time) }
        guard facts.reallocatedAt.map({ day($0) != day(facts.now) }) ?? true else {
            return Decision(
                .nothing, "New visitors were shared out anew today.", isOpenUntil: day(facts.now).adding(days: 1).start)
        }
        guard let shares = conclusion.shares else {
            return Decision(.nothing, "Too few visitors of a variation are known to share new ones out by.")
        }
        let whole = shares.keys.reduce(0) { $0 + (conclusion.weights[$1] ?? 0) }
        let isSame = shares.allSatisfy { id, share in
            whole > 0 && abs((conclusion.weights[id] ?? 0) / whole - share) < leastDifference
        }
        if isSame { return Decision(.nothing, "New visitors are shared out as the results ask for.") }
        return Decision(.share(shares), "New visitors are shared out by the results of the day.")
    }
}
