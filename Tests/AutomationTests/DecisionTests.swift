import ControlStore
import JSON
import ProjectDocuments
import Testing
import Time

@testable import Automation
@testable import Reports

/// What follows from results, case by case.
@Suite struct DecisionTests {
    private let start = Timestamp(seconds: 1_000_000)

    /// Results of variations 2, 3 and so on against the baseline, 1.
    private func conclusion(
        _ results: [VariationConclusion.TestResult], isPlanned: Bool = false, isLargeEnough: Bool = true,
        isMismatched: Bool = false, leaked: Int64 = 0, isRunning: Bool = true, shares: [Int64: Double]? = nil,
        _ rules: (inout DecisionRules) -> Void
    ) -> Conclusion {
        func variation(_ id: Int64, _ result: VariationConclusion.TestResult, improvement: Double?)
            -> VariationConclusion
        {
            VariationConclusion(
                variationID: id, isBaseline: id == 1, visitors: 500, conversions: 50, improvement: improvement,
                chance: 50,
                result: result, revenuePerVisitor: nil, pValue: 0.01, hasPlannedVisitors: isPlanned,
                isLargeEnough: isLargeEnough)
        }
        var decided = DecisionRules()
        rules(&decided)
        let others = results.enumerated().map { variation(Int64($0 + 2), $1, improvement: Double($0)) }
        let variations = [variation(1, .notConcluded, improvement: nil)] + others
        return Conclusion(
            goals: [
                GoalConclusion(
                    goalID: 9, metric: "conversion_rate", methodology: "frequentist", variations: variations)
            ], isMismatched: isMismatched, leakedVisitors: leaked, rules: decided, isRunning: isRunning,
            startedAt: start.seconds,
            weights: Dictionary(
                uniqueKeysWithValues: variations.map { ($0.variationID, 100 / Double(variations.count)) }),
            primaryGoalID: 9, shares: shares)
    }

    private func decide(
        _ conclusion: Conclusion, day: Int64 = 10, isAtLimit: Bool = false, reallocatedAt: Timestamp? = nil
    ) -> Decision {
        Decision.of(
            conclusion,
            Decision.Facts(
                now: start.adding(seconds: day * 86_400), isAtLimit: isAtLimit, reallocatedAt: reallocatedAt))
    }

    @Test func findingsAreWhatTheReportSays() {
        let rules: (inout DecisionRules) -> Void = { _ in }
        #expect(Finding.all(in: conclusion([.notConcluded, .noChange], rules)).isEmpty)
        let both = conclusion([.losing, .winner], isMismatched: true, rules)
        #expect(Finding.all(in: conclusion([.losing, .winner], rules)) == [.winner, .losing])
        // While visitors are shared out wrongly no result means anything.
        #expect(Finding.all(in: both) == [.mismatch])
        let leaking = conclusion([.winner], leaked: 12, rules)
        #expect(Finding.all(in: leaking) == [.leak, .winner])
        #expect(Finding.leak.kind == .experienceMismatch)
        #expect(Finding.leak.content(leaking)["leaked_visitors"] == 12)
        let told = Finding.winner.content(both)
        #expect(told["result"] == "winner" && told["decides"] == "at_horizon" && told["goal_id"] == 9)
        #expect(told["variations"]?.array?.count == 3)
        #expect(Finding.losing.kind == .experienceSignificant && Finding.mismatch.kind == .experienceMismatch)
        let shares = Finding.mismatch.content(both)["variations"]?.array
        #expect(shares?.first?["visitors"] == 500 && shares?.count == 3)
    }

    @Test func nothingIsDoneThatNobodyAskedFor() {
        #expect(decide(conclusion([.winner], isPlanned: true) { $0.allowsAnyLook = true }).act == .nothing)
        let stopped = conclusion([.winner], isRunning: false) { ($0.keepsWinner, $0.allowsAnyLook) = (true, true) }
        #expect(decide(stopped).act == .nothing)
    }

    @Test func theBestWinnerIsKept() {
        let winners = conclusion([.winner, .losing, .winner]) { ($0.keepsWinner, $0.allowsAnyLook) = (true, true) }
        #expect(decide(winners).act == .keep(4))
        let ended = conclusion([.winner]) { ($0.stopsLosers, $0.allowsAnyLook) = (true, true) }
        #expect(decide(ended).act == .complete)
    }

    @Test func losersStopAndTheLastOneEndsIt() {
        let rules: (inout DecisionRules) -> Void = { ($0.stopsLosers, $0.allowsAnyLook) = (true, true) }
        #expect(decide(conclusion([.losing, .notConcluded], rules)).act == .stop([2]))
        #expect(decide(conclusion([.losing, .losing], rules)).act == .complete)
        let keeps = conclusion([.losing, .notConcluded]) { ($0.keepsWinner, $0.allowsAnyLook) = (true, true) }
        #expect(decide(keeps).act == .nothing)
    }

    @Test func whatWaitsForATimeSaysForWhich() {
        let limits = RunningLimits(ExperienceSettings(["min_running_time": 14]), ProjectReportingSettings(nil))
        let young = decide(
            conclusion([.winner]) { ($0.keepsWinner, $0.allowsAnyLook, $0.limits) = (true, true, limits) })
        #expect(young.act == .nothing && young.isOpenUntil == start.adding(seconds: 14 * 86_400))
        let shared = conclusion([.notConcluded], shares: [1: 0.1, 2: 0.9]) { $0.reallocates = true }
        let today = start.adding(seconds: 10 * 86_400)
        let waits = decide(shared, reallocatedAt: today)
        #expect(waits.act == .nothing && waits.isOpenUntil == CalendarDate(today).adding(days: 1).start)
        #expect(decide(shared, reallocatedAt: today.adding(seconds: -86_400)).isOpenUntil == nil)
        #expect(decide(conclusion([.winner]) { $0.stopsLosers = true }).isOpenUntil == nil)
    }

    @Test func aFixedTestIsDecidedAtItsHorizonOnly() {
        let rules: (inout DecisionRules) -> Void = { ($0.keepsWinner, $0.needsSignificance) = (true, true) }
        let early = decide(conclusion([.winner], rules))
        #expect(early.act == .nothing && early.reason.contains("decided once"))
        #expect(decide(conclusion([.winner], isPlanned: true, rules)).act == .keep(2))
        #expect(decide(conclusion([.winner], rules), isAtLimit: true).act == .keep(2))
    }

    @Test func withoutAResultAtTheHorizonItEndsOrGoesOnSequentially() {
        let ends = conclusion([.noChange], isPlanned: true) { $0.keepsWinner = true }
        #expect(decide(ends).act == .complete)
        let runs = conclusion([.noChange], isPlanned: true) { ($0.keepsWinner, $0.needsSignificance) = (true, true) }
        #expect(decide(runs).act == .nothing && decide(runs).passesHorizon)
        // At its limit it ends whatever comes.
        #expect(decide(runs, isAtLimit: true).act == .nothing && !decide(runs, isAtLimit: true).passesHorizon)
    }

    @Test func tooEarlyTooFewOrSharedOutWronglyDecidesNothing() {
        let rules: (inout DecisionRules) -> Void = {
            ($0.keepsWinner, $0.allowsAnyLook) = (true, true)
            $0.limits = RunningLimits(ExperienceSettings(["min_running_time": 10]), ProjectReportingSettings([:]))
        }
        #expect(decide(conclusion([.winner], rules), day: 9).reason.contains("min_running_time"))
        #expect(decide(conclusion([.winner], rules), day: 10).act == .keep(2))
        #expect(decide(conclusion([.winner], isLargeEnough: false, rules)).reason.contains("min_variation_visitors"))
        #expect(decide(conclusion([.winner], isMismatched: true, rules)).reason.contains("srm"))
        #expect(decide(conclusion([], rules)).act == .nothing)
    }

    @Test func newVisitorsAreSharedOutOnceADay() {
        let rules: (inout DecisionRules) -> Void = { $0.reallocates = true }
        let shares: [Int64: Double] = [1: 0.1, 2: 0.9]
        let moved = conclusion([.notConcluded], shares: shares, rules)
        #expect(decide(moved).act == .share(shares))
        #expect(decide(moved, reallocatedAt: start.adding(seconds: 9 * 86_400)).act == .share(shares))
        #expect(decide(moved, reallocatedAt: start.adding(seconds: 10 * 86_400)).act == .nothing)
        #expect(decide(conclusion([.notConcluded], shares: [1: 0.502, 2: 0.498], rules)).act == .nothing)
        #expect(decide(conclusion([.notConcluded], shares: nil, rules)).reason.contains("Too few"))
    }
}
