import EventStore
import JSON
import Statistics

/// How a report is made (contract schema `ExperienceReportingSettings`): member by member, the experience decides, then the
/// project.
struct ReportSettings: Sendable, Equatable {
    var statistics: StatisticsSettings
    /// What winners are picked by.
    let primaryMetric: ReportMetric
    /// By what new visitors' shares follow from what is known; nil where they stay as they are set.
    let bandit: Bandit?
    /// Whether visitors' shares are compared with the weights.
    let checksShares: Bool
    /// Of an order.
    let revenueBounds: AmountBounds
    /// Of an order.
    let productsBounds: AmountBounds
    /// Of each variation, before anything is called significant.
    let leastVisitors: Int64
    /// Of each variation, before anything is called significant.
    let leastConversions: Int64
    /// Whether the planned number of visitors alone does not end an experience.
    let needsSignificance: Bool
    /// What follows from results by itself.
    let rules: DecisionRules

    /// - Parameters:
    ///   - request: the statistics that the request asks for; nil or null when it asks for none.
    ///   - experience: the experience's settings.
    ///   - project: the project's reporting settings.
    /// - Throws: `ExperimentsError.invalid` for a request that contradicts itself.
    init(request: JSONValue?, experience: JSONValue, project: JSONValue) throws {
        statistics = try StatisticsSettings(request: request, experience: experience, project: project)
        func first<Value>(_ read: (JSONValue) -> Value?) -> Value? { read(experience) ?? read(project) }
        // What is divided by conversions has no statistics to pick by.
        primaryMetric =
            first { $0["primary_metric"]?.string.flatMap(ReportMetric.init(rawValue:)) }
            .flatMap { $0.hasStatistics ? $0 : nil } ?? .conversionRate
        bandit = first { Bandit(settings: $0["stats_engine_processing"]?["mab_settings"]) }
        checksShares = first { $0["srm_check"]?.bool } ?? true
        revenueBounds = first { AmountBounds(orderValue: $0) } ?? .none
        productsBounds = first { $0["outliers"]?["products_ordered_count"].flatMap(AmountBounds.init(rule:)) } ?? .none
        leastVisitors = first { $0["min_variation_visitors"]?.int64 } ?? 0
        leastConversions = first { $0["min_variation_conversions"]?.int64 } ?? 0
        var rules = DecisionRules()
        rules.keepsWinner = first { $0["keep_winner"]?.bool } ?? false
        rules.stopsLosers = first { $0["stop_loser"]?.bool } ?? false
        needsSignificance = first { $0["keep_running_until_confidence"]?.bool } ?? rules.actsOnResults
        rules.needsSignificance = needsSignificance
        rules.leastDays = first { $0["min_running_time"]?.int64 } ?? 0
        rules.reallocates = bandit != nil
        rules.allowsAnyLook = statistics.allowsAnyLook
        self.rules = rules
    }
}

extension Bandit {
    /// Contract schema `SE_MabSettings`.
    /// - Parameter settings: nil or null where shares stay as they are set.
    fileprivate init?(settings: JSONValue?) {
        guard let members = settings?.object else { return nil }
        switch members["strategy"]?.string {
        case "epsilon_greedy":
            self = .epsilonGreedy(explorationRate: members["exploration_rate"]?.double ?? Self.standardExplorationRate)
        case "ucb": self = .upperConfidenceBound
        default: self = .thompsonSampling
        }
    }

    private static let standardExplorationRate = 0.3
}

extension AmountBounds {
    /// Contract schema `NumericOutlier`.
    /// - Returns: nil for what is no rule.
    init?(rule: JSONValue) {
        let (least, most) = (rule["min"]?.double, rule["max"]?.double)
        switch rule["detection_type"]?.string {
        case "none": self = .none
        case "min_max": self = least == nil && most == nil ? .none : .values(least: least, most: most)
        case "percentile": self = least == nil && most == nil ? .none : .percentiles(least: least, most: most)
        default: return nil
        }
    }

    /// Of settings, which have had them in two places.
    /// - Returns: nil when they say nothing of order values.
    fileprivate init?(orderValue settings: JSONValue) {
        if let rule = settings["outliers"]?["order_value"].flatMap(AmountBounds.init(rule:)) {
            self = rule
            return
        }
        // A limit of 0 was none.
        let least = settings["min_order_value"]?.double.flatMap { $0 > 0 ? $0 : nil }
        let most = settings["max_order_value"]?.double.flatMap { $0 > 0 ? $0 : nil }
        guard least != nil || most != nil else { return nil }
        self = .values(least: least, most: most)
    }
}
