public import JSON

/// How reports are made (contract schema `ExperienceReportingSettings`): projects say it for all their experiences, and each
/// experience for itself. Nil where nothing is said.
public protocol ReportingDocument: DocumentView {}

extension ReportingDocument {
    /// Whether visitors' shares are compared with the weights.
    public var srmCheck: Bool? { members["srm_check"]?.bool }
    /// Visitors of each variation before anything is called significant.
    public var minVariationVisitors: Int64? { members["min_variation_visitors"]?.int64 }
    /// Conversions of each variation before anything is called significant.
    public var minVariationConversions: Int64? { members["min_variation_conversions"]?.int64 }
    /// Whether the variation that wins gets all visitors.
    public var keepWinner: Bool? { members["keep_winner"]?.bool }
    /// Whether a variation that loses is stopped.
    public var stopLoser: Bool? { members["stop_loser"]?.bool }
    /// Whether the planned number of visitors alone ends nothing.
    public var keepRunningUntilConfidence: Bool? { members["keep_running_until_confidence"]?.bool }
    /// By which metric winners are picked, as the contract names it (`MetricTypes`).
    public var primaryMetric: String? { members["primary_metric"]?.string }
    /// Days that an experience runs before anything is decided.
    public var minRunningTime: Int64? { members["min_running_time"]?.int64 }
    /// Days after which an experience ends; 0 for never.
    public var maxRunningTime: Int64? { members["max_running_time"]?.int64 }
    /// Visitors after which an experience ends; 0 for never.
    public var maxExperienceVisitors: Int64? { members["max_experience_visitors"]?.int64 }
    /// How new visitors are shared out by results.
    public var mabSettings: MABSettings? {
        members["stats_engine_processing"]?["mab_settings"].flatMap { MABSettings($0) }
    }

    /// The least value of an order that counts, as older settings have it; 0 was none.
    public var minOrderValue: Double? { members["min_order_value"]?.double.flatMap { $0 > 0 ? $0 : nil } }
    /// The greatest value of an order that counts, as older settings have it; 0 was none.
    public var maxOrderValue: Double? { members["max_order_value"]?.double.flatMap { $0 > 0 ? $0 : nil } }
    /// Percent, as older settings have it.
    public var confidence: Double? { members["confidence"]?.double }
    /// How figures are judged (contract schema `SE_ProcSettings`).
    public var statsEngineProcessing: JSONValue? { members["stats_engine_processing"] }

    /// Where values of orders beyond are brought to.
    public var orderValueOutliers: OutlierRule? { outliers("order_value") }
    /// Where numbers of products beyond are brought to.
    public var productsCountOutliers: OutlierRule? { outliers("products_ordered_count") }

    private func outliers(_ member: String) -> OutlierRule? {
        members["outliers"]?[member].flatMap { OutlierRule($0) }
    }
}

/// How new visitors are shared out by results (contract schema `SE_MabSettings`).
public enum MABSettings: Sendable, Equatable {
    /// They are not: null.
    case off
    case thompsonSampling
    case epsilonGreedy(explorationRate: Double)
    case ucb

    private static let standardExplorationRate = 0.3

    /// - Returns: nil for what is neither an object nor null.
    init?(_ settings: JSONValue) {
        if settings.isNull {
            self = .off
            return
        }
        guard settings.object != nil else { return nil }
        switch settings["strategy"]?.string {
        case "epsilon_greedy":
            self = .epsilonGreedy(explorationRate: settings["exploration_rate"]?.double ?? Self.standardExplorationRate)
        case "ucb": self = .ucb
        default: self = .thompsonSampling
        }
    }
}

/// Where values beyond are brought to (contract schema `NumericOutlier`).
public enum OutlierRule: Sendable, Equatable {
    case none
    case minMax(min: Double?, max: Double?)
    case percentile(min: Double?, max: Double?)

    /// - Returns: nil for what is no rule.
    init?(_ rule: JSONValue) {
        let (least, most) = (rule["min"]?.double, rule["max"]?.double)
        switch rule["detection_type"]?.string {
        case "none": self = .none
        case "min_max": self = least == nil && most == nil ? .none : .minMax(min: least, max: most)
        case "percentile": self = least == nil && most == nil ? .none : .percentile(min: least, max: most)
        default: return nil
        }
    }
}
