import Foundation
import JSON
import ProjectDocuments
import Resources
import Testing

@testable import EventStore
@testable import Reports

/// What SciPy computed; `golden.py` writes it.
enum Golden {
    static let document = Result {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.json")
        return try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
    }

    static func rows(_ name: String) throws -> [JSONValue] { try #require(try document.get()[name]?.array) }
}

/// A report on one goal, 7, of variations 1, 2, 3 and so on, the first of which is the baseline.
struct Figures {
    let report: AggregatedReport

    /// Visitors, and the amounts of those who bought, in millionths.
    typealias Given = (visitors: Int64, amounts: [Int64])

    init(
        _ variations: [Given], weights: [Double]? = nil, request: JSONValue = .null, settings: JSONValue = .null,
        project: JSONValue = .null, hasBaseline: Bool = true
    ) throws {
        var counts = ExperimentCounts()
        for (index, variation) in variations.enumerated() {
            let id = Int64(index + 1)
            counts.visitors.append(.init(variationID: id, period: 0, count: variation.visitors))
            if variation.amounts.isEmpty { continue }
            let sums = AmountSums(variation.amounts)
            counts.goals.append(
                .init(
                    variationID: id, goalID: 7, converters: Int64(variation.amounts.count),
                    orders: Int64(variation.amounts.count), revenue: sums,
                    products: AmountSums(variation.amounts.map { _ in 2 })))
        }
        try self.init(
            counts, variations: variations.count, weights: weights, request: request, settings: settings,
            project: project,
            hasBaseline: hasBaseline)
    }

    init(
        _ counts: ExperimentCounts, variations: Int, weights: [Double]? = nil, request: JSONValue = .null,
        settings: JSONValue = .null, project: JSONValue = .null, hasBaseline: Bool = true
    ) throws {
        let shown = (0..<variations).map { index -> JSONValue in
            [
                "id": .integer(Int64(index + 1)), "is_baseline": .bool(hasBaseline && index == 0),
                "traffic_distribution": .double(weights?[index] ?? 100 / Double(variations)), "status": "running",
            ]
        }
        let experience = ReportedExperience(
            ["id": 5, "settings": settings, "variations": .array(shown), "goals": [7], "status": "active"])
        report = AggregatedReport(
            experience,
            try ReportSettings(
                request: request, experience: ExperienceSettings(settings), project: ProjectReportingSettings(project)),
            counts,
            WeightHistory(experience.variations, changes: []), goals: [7], metrics: ReportMetric.allCases)
    }

    /// The answer about the goal.
    var goal: JSONValue { report.answer["reportData"]?[0] ?? .null }

    /// The answer about a metric of a variation, the first of which is 0.
    func metric(_ metric: ReportMetric, of variation: Int) throws -> JSONValue {
        let metrics = try #require(goal["variations"]?[variation]?["metrics"]?.array)
        return try #require(metrics.first { $0["metric_type"] == .string(metric.rawValue) })
    }
}

/// Compares what came out with what was computed elsewhere, to nine digits.
func expect(_ found: JSONValue, _ member: String, _ expected: JSONValue?) throws {
    if let expected = expected?.bool {
        #expect(found[member]?.bool == expected, "\(member)")
        return
    }
    if let list = expected?.array {
        let values = try #require(found[member]?.array, "\(member)")
        try #require(values.count == list.count)
        for (value, expected) in zip(values, list) { try expect(["value": value], "value", expected) }
        return
    }
    let (value, wanted) = (try #require(found[member]?.double, "\(member)"), try #require(expected?.double))
    #expect(abs(value - wanted) <= 1e-9 * max(abs(wanted), 1e-3), "\(member): \(value) is not \(wanted)")
}
