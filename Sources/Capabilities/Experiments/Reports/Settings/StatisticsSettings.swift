import JSON
import ProjectDocuments
import Resources
import Statistics

/// How the figures of a report are judged (contract schema `SE_ProcSettings`).
enum StatisticsSettings: Sendable, Equatable {
    case frequentist(FrequentistSettings)
    case bayesian(BayesianSettings)

    /// As the contract names it.
    var methodology: String {
        switch self {
        case .frequentist: "frequentist"
        case .bayesian: "bayesian"
        }
    }

    /// Whether the figures keep their word however often they are looked at.
    var allowsAnyLook: Bool {
        switch self {
        case .frequentist(let settings): settings.test == .sequential
        case .bayesian: true
        }
    }

    /// Turns a test of a fixed number of visitors into one that may be looked at any time.
    mutating func allowAnyLook() {
        guard case .frequentist(var settings) = self else { return }
        settings.test = .sequential
        self = .frequentist(settings)
    }

    /// Member by member, the first that says something decides: the request, the experience, the project, the defaults. What
    /// is set for the other methodology says nothing.
    /// - Parameters:
    ///   - request: nil or null when it brings none.
    ///   - experience: the experience's settings.
    ///   - project: the project's reporting settings.
    /// - Throws: ``ExperimentsError/invalid(_:)`` for a request that mixes the two methodologies.
    init(request: JSONValue?, experience: ExperienceSettings, project: ProjectReportingSettings) throws {
        let layers = [Self.stored(project), Self.stored(experience), request ?? .null]
        let methodology = layers.compactMap { $0["stats_type"]?.string }.last
        let isBayesian = methodology == "bayesian"
        if let members = request?.object { try Self.check(members, isBayesian: isBayesian) }
        var settings = JSONValue.object(JSONObject())
        for layer in layers where layer.object != nil {
            // One that names no methodology is of the one that decides.
            guard layer["stats_type"]?.string.map({ ($0 == "bayesian") == isBayesian }) ?? true else { continue }
            settings = settings.merged(with: layer.withoutNulls)
        }
        self = isBayesian ? .bayesian(BayesianSettings(settings)) : .frequentist(FrequentistSettings(settings))
    }

    /// What the contract says of them in words only, and each by itself.
    private static func check(_ members: JSONObject, isBayesian: Bool) throws {
        let foreign = isBayesian ? FrequentistSettings.members : BayesianSettings.members
        let own = isBayesian ? "bayesian" : "frequentist"
        let field = "stats_engine_processing"
        for member in foreign where !(members[member] ?? .null).isNull {
            throw ExperimentsError.invalid(
                "\(field).\(member)",
                "\(field).\(member) is no setting of stats_type \(own). Leave it out, or set the other stats_type.")
        }
    }

    /// What is stored, with the confidence that older settings have in another place.
    private static func stored(_ settings: some ReportingDocument) -> JSONValue {
        var processing = settings.statsEngineProcessing ?? .null
        guard let confidence = settings.confidence, FrequentistSettings.confidences.contains(confidence),
            processing["confidence"] == nil, processing["stats_type"]?.string != "bayesian"
        else { return processing }
        if processing.object == nil { processing = .object(JSONObject()) }
        processing["confidence"] = .double(confidence)
        return processing
    }
}

/// Tests, p-values and confidence intervals.
struct FrequentistSettings: Sendable, Equatable {
    /// Which effect counts as one.
    enum TestType: String, Sendable {
        /// The variation has more.
        case oneTail = "one_tail"
        case oneTailLeft = "one_tail_left"
        case oneTailRight = "one_tail_right"
        case twoTails = "two_tails"
        /// In either direction, with looks at any time.
        case sequential
    }

    static let confidences = 50.0...99.0

    /// Percent.
    var confidence = 95.0
    /// Percent.
    var power = 80.0
    var test = TestType.twoTails
    var correction = MultipleComparisons.none
    /// The effect to plan for, as a part of the baseline's mean; nil for the one that is observed.
    var plannedEffect: Double?

    /// Those that the other methodology does not have.
    static let members = [
        "confidence", "power", "test_type", "multiple_comparison_correction", "power_calculation_type", "fixed_mde",
    ]

    init() {}

    init(_ settings: JSONValue) {
        if let value = settings["confidence"]?.double, Self.confidences.contains(value) { confidence = value }
        if let value = settings["power"]?.double, (10...99).contains(value) { power = value }
        if let value = settings["test_type"]?.string.flatMap(TestType.init) { test = value }
        if let value = settings["multiple_comparison_correction"]?.string.flatMap(MultipleComparisons.init) {
            correction = value
        }
        if settings["power_calculation_type"]?.string == "fixed_mde" {
            plannedEffect = (settings["fixed_mde"]?.double ?? 0) / 100
        }
    }

    /// How often there may be an alarm without an effect.
    var alpha: Double { (100 - confidence) / 100 }

    var alternative: Alternative {
        switch test {
        case .oneTail, .oneTailRight: .greater
        case .oneTailLeft: .less
        case .twoTails, .sequential: .twoSided
        }
    }
}

/// Chances and risks.
struct BayesianSettings: Sendable, Equatable {
    /// Percent: the chance to win that is enough.
    var decisionThreshold = 95.0
    /// Percent of the baseline's mean: the expected loss that is too much.
    var riskThreshold = 5.0

    static let members = ["decision_threshold", "risk_threshold"]

    init() {}

    init(_ settings: JSONValue) {
        if let value = settings["decision_threshold"]?.double, (50...99).contains(value) { decisionThreshold = value }
        if let value = settings["risk_threshold"]?.double, (1...100).contains(value) { riskThreshold = value }
    }
}

extension JSONValue {
    /// An object without its members that are null.
    fileprivate var withoutNulls: JSONValue {
        guard let members = object else { return self }
        return .object(JSONObject(members.filter { !$0.value.isNull }.map { ($0.key, $0.value) }))
    }
}
