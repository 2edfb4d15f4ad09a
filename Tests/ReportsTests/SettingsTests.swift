import EventStore
import JSON
import ProjectDocuments
import Resources
import Testing
import Time

@testable import Reports

@Suite struct SettingsTests {
    private func statistics(
        _ request: JSONValue?, _ experience: JSONValue = .null, _ project: JSONValue = .null
    ) throws -> StatisticsSettings {
        func wrapped(_ value: JSONValue) -> JSONValue { value.isNull ? .null : ["stats_engine_processing": value] }
        return try StatisticsSettings(
            request: request, experience: ExperienceSettings(wrapped(experience)),
            project: ProjectReportingSettings(wrapped(project)))
    }

    private func reports(_ experience: JSONValue, _ project: JSONValue = .null) throws -> ReportSettings {
        try ReportSettings(
            request: nil, experience: ExperienceSettings(experience), project: ProjectReportingSettings(project))
    }

    private func frequentist(_ change: (inout FrequentistSettings) -> Void = { _ in }) -> StatisticsSettings {
        var settings = FrequentistSettings()
        change(&settings)
        return .frequentist(settings)
    }

    @Test func theRequestComesBeforeTheExperienceAndThatBeforeTheProject() throws {
        let project: JSONValue = ["stats_type": "frequentist", "confidence": 90, "power": 70, "test_type": "one_tail"]
        let experience: JSONValue = ["stats_type": "frequentist", "confidence": 85, "power": 60]
        let request: JSONValue = ["stats_type": "frequentist", "confidence": 80]
        #expect(try statistics(nil) == frequentist())
        #expect(
            try statistics(.null, .null, project)
                == frequentist {
                    $0.confidence = 90
                    $0.power = 70
                    $0.test = .oneTail
                })
        #expect(
            try statistics(request, experience, project)
                == frequentist {
                    $0.confidence = 80
                    $0.power = 60
                    $0.test = .oneTail
                })
    }

    @Test func theMethodologyThatDecidesTakesOnlyItsOwnSettings() throws {
        let project: JSONValue = ["stats_type": "bayesian", "decision_threshold": 80]
        let experience: JSONValue = ["stats_type": "frequentist", "confidence": 85]
        #expect(try statistics(nil, experience, project) == frequentist { $0.confidence = 85 })
        var bayesian = BayesianSettings()
        bayesian.decisionThreshold = 80
        bayesian.riskThreshold = 7
        let request: JSONValue = ["stats_type": "bayesian", "risk_threshold": 7]
        #expect(try statistics(request, experience, project) == .bayesian(bayesian))
    }

    @Test(
        arguments: [
            (["stats_type": "frequentist", "decision_threshold": 95], "decision_threshold"),
            (["stats_type": "bayesian", "confidence": 95], "confidence"),
            (["risk_threshold": 5], "risk_threshold"),
        ] as [(JSONValue, String)])
    func settingsOfTheOtherMethodologyAreRefused(request: JSONValue, member: String) throws {
        let error = try #require(throws: ExperimentsError.self) { try statistics(request) }
        guard case .invalid(let findings) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(findings.map(\.field) == ["stats_engine_processing.\(member)"])
    }

    @Test func olderPlacesStillSaySomething() throws {
        let settings = try reports(
            ["confidence": 90, "min_order_value": 5, "max_order_value": 0])
        #expect(settings.statistics == frequentist { $0.confidence = 90 })
        #expect(settings.revenueBounds == .values(least: 5, most: nil))
        let newer = try reports(
            [
                "confidence": 90, "stats_engine_processing": ["stats_type": "frequentist", "confidence": 80],
                "min_order_value": 5, "outliers": ["order_value": ["detection_type": "percentile", "max": 99]],
            ])
        #expect(newer.statistics == frequentist { $0.confidence = 80 })
        #expect(newer.revenueBounds == .percentiles(least: nil, most: 99))
    }

    @Test func outlierRulesOfTheExperienceComeFirst() throws {
        let project: JSONValue = [
            "outliers": [
                "order_value": ["detection_type": "min_max", "min": 1, "max": 100],
                "products_ordered_count": ["detection_type": "min_max", "max": 9],
            ]
        ]
        let experience: JSONValue = ["outliers": ["order_value": ["detection_type": "none"]]]
        let settings = try reports(experience, project)
        #expect(settings.revenueBounds == .none)
        #expect(settings.productsBounds == .values(least: nil, most: 9))
    }

    @Test func whatActsByItselfNeedsSignificance() throws {
        func needs(_ experience: JSONValue) throws -> Bool {
            try reports(experience).needsSignificance
        }
        #expect(try !needs(.null))
        #expect(try needs(["stop_loser": true]))
        #expect(try !needs(["keep_winner": true, "keep_running_until_confidence": false]))
    }

    private func range(_ body: JSONValue) throws -> ReportRange { try ReportRange(body.object ?? JSONObject()) }

    @Test func rangesAreWholeSeconds() throws {
        let range = try range(["start_time": 100.9, "end_time": 100, "utc_offset": -3_600])
        #expect(range.start == Timestamp(seconds: 100) && range.end == Timestamp(seconds: 101))
        #expect(range.offset == -3_600)
        let open = try self.range(["start_time": .null])
        #expect(open.start == nil && open.end == nil)
        let enormous = try self.range(["start_time": -1e300, "end_time": 1e300])
        #expect(enormous.start == Timestamp(seconds: Timestamp.earliest.seconds))
        #expect(throws: ExperimentsError.self) { try self.range(["start_time": 5, "end_time": 4]) }
    }
}
