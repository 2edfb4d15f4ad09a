import EventStore
import JSON
import ProjectDocuments
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
    init(request: JSONValue?, experience: ExperienceSettings, project: ProjectReportingSettings) throws {
        statistics = try StatisticsSettings(request: request, experience: experience, project: project)
        func first<Value>(_ read: (any ReportingDocument) -> Value?) -> Value? { read(experience) ?? read(project) }
        // What is divided by conversions has no statistics to pick by.
        primaryMetric =
            first { $0.primaryMetric.flatMap(ReportMetric.init(rawValue:)) }
            .flatMap { $0.hasStatistics ? $0 : nil } ?? .conversionRate
        bandit = first { $0.mabSettings }.flatMap(Bandit.init)
        checksShares = first { $0.srmCheck } ?? true
        revenueBounds = first { AmountBounds(orderValue: $0) } ?? .none
        productsBounds = first { $0.productsCountOutliers.map(AmountBounds.init) } ?? .none
        leastVisitors = first { $0.minVariationVisitors } ?? 0
        leastConversions = first { $0.minVariationConversions } ?? 0
        var rules = DecisionRules()
        rules.keepsWinner = first { $0.keepWinner } ?? false
        rules.stopsLosers = first { $0.stopLoser } ?? false
        needsSignificance = first { $0.keepRunningUntilConfidence } ?? rules.actsOnResults
        rules.needsSignificance = needsSignificance
        rules.limits = RunningLimits(experience, project)
        rules.reallocates = bandit != nil
        rules.allowsAnyLook = statistics.allowsAnyLook
        self.rules = rules
    }
}

extension Bandit {
    fileprivate init?(_ settings: MABSettings) {
        switch settings {
        case .off: return nil
        case .thompsonSampling: self = .thompsonSampling
        case .epsilonGreedy(let rate): self = .epsilonGreedy(explorationRate: rate)
        case .ucb: self = .upperConfidenceBound
        }
    }
}

extension AmountBounds {
    init(_ rule: OutlierRule) {
        switch rule {
        case .none: self = .none
        case .minMax(let least, let most): self = .values(least: least, most: most)
        case .percentile(let least, let most): self = .percentiles(least: least, most: most)
        }
    }

    /// Of settings, which have had them in two places.
    /// - Returns: nil when they say nothing of order values.
    fileprivate init?(orderValue settings: any ReportingDocument) {
        if let rule = settings.orderValueOutliers {
            self.init(rule)
            return
        }
        let (least, most) = (settings.minOrderValue, settings.maxOrderValue)
        guard least != nil || most != nil else { return nil }
        self = .values(least: least, most: most)
    }
}
