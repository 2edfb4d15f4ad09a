import JSON
import Statistics
import Testing

@testable import EventStore
@testable import Reports

@Suite struct FigureTests {
    private static func given(_ variation: JSONValue?) throws -> Figures.Given {
        (
            visitors: try #require(variation?["visitors"]?.int64),
            amounts: try #require(variation?["amounts"]?.array).compactMap(\.int64)
        )
    }

    private static func settings(_ row: JSONValue, _ member: String, _ type: String) -> JSONValue {
        var settings = row[member] ?? .null
        settings["stats_type"] = .string(type)
        return settings
    }

    @Test func testsAgreeWithSciPy() throws {
        for row in try Golden.rows("cases") {
            let variations = [try Self.given(row["baseline"]), try Self.given(row["variation"])]
            let figures = try Figures(
                variations, weights: try #require(row["weights"]?.array).compactMap(\.double),
                request: Self.settings(row, "settings", "frequentist"))
            try expect(figures.goal, "srm_pvalue", row["srm_pvalue"])
            for metric in [ReportMetric.conversionRate, .revenuePerVisitor] {
                let found = try figures.metric(metric, of: 1)
                let expected = try #require(row[metric.rawValue]?.object)
                for (member, value) in expected { try expect(found, member, value) }
                try expect(found, "srm_pvalue", row["srm_pvalue"])
                #expect(found["srm"]?.bool == (found["srm_pvalue"]?.double.map { $0 < 0.01 }))
            }
        }
    }

    @Test func beliefsAgreeWithSciPy() throws {
        for row in try Golden.rows("cases") {
            let variations = [try Self.given(row["baseline"]), try Self.given(row["variation"])]
            let figures = try Figures(variations, request: Self.settings(row, "bayesian_settings", "bayesian"))
            #expect(figures.report.answer["stats_methodology"] == "bayesian")
            for metric in [ReportMetric.conversionRate, .revenuePerVisitor] {
                let found = try figures.metric(metric, of: 1)
                for (member, value) in try #require(row["bayesian"]?[metric.rawValue]?.object) {
                    try expect(found, member, value)
                }
                let both = try [found, figures.metric(metric, of: 0)].compactMap { $0["chance_to_win"]?.double }
                #expect(abs(both.reduce(0, +) - 100) < 1e-9)
            }
        }
    }

    @Test func sequencesAgreeWithSciPy() throws {
        for row in try Golden.rows("sequential") {
            let visitors = try #require(row["visitors"]?.array).compactMap(\.int64)
            let conversions = try #require(row["conversions"]?.array).compactMap(\.int64)
            let figures = try Figures(
                zip(visitors, conversions).map { ($0, [Int64](repeating: 1_000_000, count: Int($1))) },
                request: ["stats_type": "frequentist", "test_type": "sequential"])
            try expect(try figures.metric(.conversionRate, of: 1), "confidence", row["confidence"])
            for plan in try #require(row["plans"]?.array) {
                var settings = try #require(plan["settings"])
                (settings["stats_type"], settings["test_type"]) = ("frequentist", "sequential")
                let planned = try Figures(
                    zip(visitors, conversions).map { ($0, [Int64](repeating: 1_000_000, count: Int($1))) },
                    request: settings
                ).metric(.conversionRate, of: 1)
                for (member, value) in try #require(plan["conversion_rate"]?.object) {
                    try expect(planned, member, value)
                }
            }
        }
    }

    @Test func correctionsCountEveryComparison() throws {
        let variations: [Figures.Given] = [100, 125, 130, 90].map { (1_000, [Int64](repeating: 5_000_000, count: $0)) }
        func confidences(_ correction: String) throws -> [Double] {
            let request: JSONValue = [
                "stats_type": "frequentist", "multiple_comparison_correction": .string(correction),
            ]
            let figures = try Figures(variations, request: request)
            return try (1...3).map { try #require(try figures.metric(.conversionRate, of: $0)["confidence"]?.double) }
        }
        let plain = try confidences("none").map { 1 - $0 / 100 }
        for (found, p) in zip(try confidences("bonferroni"), plain) {
            #expect(abs(found - 100 * (1 - min(3 * p, 1))) < 1e-9)
        }
        for (found, p) in zip(try confidences("sidak"), plain) {
            #expect(abs(found - 100 * (1 - p) * (1 - p) * (1 - p)) < 1e-9)
        }
    }

    @Test func nothingIsSignificantBeforeThereIsEnough() throws {
        let variations: [Figures.Given] = [
            (1_000, [Int64](repeating: 1, count: 100)), (1_000, [Int64](repeating: 1, count: 200)),
        ]
        func isSignificant(_ settings: JSONValue) throws -> Bool? {
            try Figures(variations, settings: settings).metric(.conversionRate, of: 1)["statistically_significant"]?
                .bool
        }
        #expect(try isSignificant(.null) == true)
        #expect(try isSignificant(["min_variation_conversions": 100]) == true)
        #expect(try isSignificant(["min_variation_conversions": 101]) == false)
        #expect(try isSignificant(["min_variation_visitors": 1_001]) == false)
        let figures = try Figures(variations, settings: ["min_variation_visitors": 1_001])
        #expect(try figures.metric(.conversionRate, of: 1)["confidence"] == .double(0))
        #expect(try figures.metric(.conversionRate, of: 1)["done"] == false)
    }

    /// Everybody here, nobody there: the plain test has no variance to go by.
    @Test func extremeRatesDiffer() throws {
        let everybody = [Int64](repeating: 1, count: 200)
        let figures = try Figures([(200, []), (200, everybody)])
        let metric = try figures.metric(.conversionRate, of: 1)
        #expect(metric["statistically_significant"] == true && metric["metric_value"] == .double(1))
        #expect(metric["metric_change"] == nil, "there is no part of nothing")
        #expect(
            try Figures([(200, everybody), (200, everybody)]).metric(.conversionRate, of: 1)["confidence"] == .double(0)
        )
    }

    @Test(arguments: ["frequentist", "bayesian"])
    func whatCannotBeToldIsNeverANumberOutOfNowhere(type: String) throws {
        let huge: Int64 = 1_000_000_000_000_000_000
        let variations: [[Figures.Given]] = [
            [(0, []), (0, [])], [(1, []), (0, [])], [(1, [5]), (1, [7])], [(2, [-huge, huge]), (2, [huge])],
            [(1_000_000_000, [1]), (3, [2, 2, 2])], [(10, [])], [(5, [-5, -5]), (5, [5])], [],
            [(10, [0, 0]), (10, [0])],
        ]
        for given in variations {
            for hasBaseline in [true, false] {
                let figures = try Figures(given, request: ["stats_type": .string(type)], hasBaseline: hasBaseline)
                // Infinity and NaN would be written as null.
                let answer = figures.report.answer
                #expect(try JSONValue(parsing: answer.encodedString).encodedString == answer.encodedString)
                for (index, _) in given.enumerated() {
                    for metric in ReportMetric.allCases {
                        let shown = try figures.metric(metric, of: index)
                        for member in [
                            "metric_total", "metric_value", "confidence", "chance_to_win", "metric_interval",
                        ] {
                            if let value = shown[member] { #expect(try #require(value.double).isFinite) }
                        }
                    }
                }
            }
        }
    }

    @Test func theBaselineIsComparedWithNobody() throws {
        let figures = try Figures([(100, [5, 6]), (100, [7])])
        let shown = try figures.metric(.revenuePerVisitor, of: 0)
        #expect(shown["metric_change"] == .double(0) && shown["confidence"] == .double(0) && shown["done"] == false)
        for member in ["srm", "srm_pvalue", "estimated_progress", "remaining_samples", "observed_power", "powerful"] {
            #expect(shown[member] == .null, "\(member)")
        }
    }

    @Test func whatIsDividedByConversionsHasNoStatistics() throws {
        let figures = try Figures([(10, [4_000_000, 6_000_000]), (10, [9_000_000])])
        let value = try figures.metric(.orderValue, of: 1)
        #expect(value["metric_value"] == .double(9) && value["metric_total"] == 9)
        #expect(value["metric_change"] == .double(0.8) && value["confidence"] == nil && value["srm"] == nil)
        #expect(try figures.metric(.productsPerOrder, of: 0)["metric_value"] == .double(2))
    }

    @Test func olderClientsFindTheSameFigures() throws {
        let figures = try Figures([(10, [4_000_000, 6_250_000]), (10, [9_000_000])])
        let variation = try #require(figures.goal["variations"]?[1])
        let metric = try figures.metric(.revenuePerVisitor, of: 1)
        #expect(variation["revenue_data"]?["total_revenue"] == .double(9))
        #expect(variation["revenue_data"]?["confidence"] == metric["confidence"])
        #expect(variation["conversion_data"]?["conversions"] == 1)
        #expect(variation["conversion_data"]?["conversion_rate_change"] == .double(-50))
        #expect(variation["products_data"]?["total_products"] == .double(2))
    }

    @Test func sharesAreOnlyLookedAtWhereTheyAreWanted() throws {
        let variations: [Figures.Given] = [(1_000, []), (500, [])]
        #expect(try Figures(variations).goal["srm"] == true)
        #expect(try Figures(variations, settings: ["srm_check": false]).goal["srm"] == .null)
        #expect(try Figures(variations, project: ["srm_check": false]).goal["srm"] == .null)
        #expect(
            try Figures(variations, settings: ["srm_check": true], project: ["srm_check": false]).goal["srm"] == true)
        #expect(try Figures(variations, weights: [200.0 / 3, 100.0 / 3]).goal["srm"] == false)
    }

    @Test func variancesKeepTheirDigits() {
        // A billion and a little: the squares have twice as many digits as a double.
        let numbers: [Int64] = (0..<1_000).map { 1_000_000_000_000_000 + Int64($0 % 2) }
        let sample = VisitorSample(AmountSums(numbers), count: 1_000, scale: 1)
        #expect(sample.variance.map { abs($0 - 250.0 / 999) < 1e-12 } == true)
        #expect(AmountSums(numbers) == AmountSums(numbers.reversed()))
        #expect(AmountSums([3, -4]).squares.sum == 25)
        // Too many of the greatest for 128 bits: still a number, and a good one.
        let greatest = Int64(1_000_000_000_000_000_000)
        let many = VisitorSample(AmountSums((0..<400).map { $0 % 2 == 0 ? greatest : -greatest }), count: 400, scale: 1)
        #expect(many.variance.map { abs($0 / (1e36 * 400 / 399) - 1) < 1e-12 } == true)
    }
}
