import TestSupport
import Testing
import Time

@testable import EventStore

/// Reports over a summary and what came since are those of a full scan, whatever happens in between.
@Suite struct SummaryPropertyTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func one<Element>(of choices: [Element]) -> Element {
            choices[Int.random(in: choices.indices, using: &self)]
        }
        mutating func some<Element>(of choices: [Element]) -> [Element] {
            choices.filter { _ in Bool.random(using: &self) }
        }
    }

    private static func time(_ second: Int64) -> Timestamp { HandClock.start.adding(seconds: second) }

    private func event(_ number: Int, _ random: inout Generator) -> ExperimentEvent {
        let kind = random.one(
            of: [.viewExperience, .viewExperience, .conversion, .transaction] as [ExperimentEvent.Kind])
        let time = Self.time(Int64.random(in: 0..<20, using: &random))
        var segments = ReportingSegments()
        segments.devices = random.some(of: ["iPhone", "all_phones"])
        segments.sources = random.some(of: ["search"])
        segments.browser = random.one(of: ["chrome", "safari", nil])
        segments.country = random.one(of: ["DE", "PT"])
        segments.customSegments = random.some(of: [3, 4])
        // Most visitors see one variation.
        let visitor = Int.random(in: 0..<25, using: &random)
        let variation = Int.random(in: 0..<8, using: &random) == 0 ? 3 : Int64(visitor % 2) + 1
        return ExperimentEvent(
            id: EventIdentifier(value: UInt128(number)), environmentID: Int64(visitor % 3), projectID: 1, kind: kind,
            occurredAt: time, receivedAt: time, visitorID: "visitor \(visitor)",
            assignments: [.init(experienceID: random.one(of: [5, 5, 5, 6]), variationID: variation)],
            goalID: kind == .viewExperience ? nil : random.one(of: [7, 8, 9]),
            revenue: kind == .transaction ? random.one(of: [1.5, 20.25, 1e13, -3, .nan, nil]) : nil,
            productsCount: kind == .transaction ? random.one(of: [1, 2, .max, nil]) : nil, segments: segments)
    }

    private func query(_ random: inout Generator) -> ExperimentQuery {
        var query = ExperimentQuery(
            projectID: 1, experienceID: 5, variationIDs: random.one(of: [[1, 2], [1, 2, 3], [2], []]),
            goalIDs: random.one(of: [[7, 8, 9], [7], []]))
        query.start = random.one(of: [.earliest, .earliest, Self.time(6)])
        query.end = random.one(of: [.latest, .latest, Self.time(12)])
        query.boundaries = random.one(of: [[], [Self.time(4), Self.time(11)]])
        let bounds: [AmountBounds] = [
            .none, .none, .none, .values(least: 2, most: 10), .percentiles(least: 10, most: 90),
        ]
        query.revenueBounds = random.one(of: bounds)
        query.productsBounds = random.one(of: bounds)
        if Bool.random(using: &random) {
            query.segments.devices = random.one(of: [[], ["iPhone"], ["iPhone", "all_phones"]])
            query.segments.browsers = random.one(of: [[], ["chrome", "opera"]])
            query.segments.countries = random.one(of: [[], ["DE"]])
            query.segments.sources = random.one(of: [[], ["search"]])
            query.segments.customSegments = random.one(of: [[], [3]])
        }
        return query
    }

    /// Asks both ways.
    /// - Returns: whether the summary was asked, and answered.
    private func compare(_ log: Log, _ random: inout Generator) async throws -> Bool {
        let query = query(&random)
        let offset: Int64 = random.one(of: [0, 3_600])
        let before = log.store.summaries?.summary(of: query.key)
        let whole = try await log.store.readers.run { try ExperimentCounts(ExperimentSQL(query), on: $0) }
        let counts = try await log.store.counts(query)
        let wholeDays = try await log.store.readers.run {
            try ExperimentDay.all(ExperimentSQL(query), offset: offset, on: $0)
        }
        let days = try await log.store.days(query, offset: offset)
        #expect(counts == whole, "\(query)")
        #expect(days == wholeDays, "\(query)")
        guard let before, query.end > before.content.latest else { return false }
        return log.store.summaries?.summary(of: query.key) === before
    }

    @Test(arguments: 0..<8) func reportsAreThoseOfAFullScan(seed: UInt64) async throws {
        let log = try Log {
            ($0.leastScan, $0.leastNewRows, $0.sliceRows) = (.zero, 20, 60)
        }
        var random = Generator(state: seed)
        var (number, answered, isTrusted) = (1_000, 0, true)
        for _ in 0..<30 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                let visitors = random.some(of: (0..<4).map { "visitor \($0)" })
                _ = try await log.store.deleteEvents(
                    of: .users, ids: ["nobody"], visitors: visitors, environmentID: random.one(of: [0, 1, 2]),
                    upTo: .end)
                isTrusted = false
            case 1:
                var selection = ExperimentEventSelection(projectID: 1, experienceID: 5, receivedBy: .latest)
                selection.parts = [.init(.transaction, goalIDs: random.some(of: [7, 8]))]
                try await log.store.delete(selection)
                isTrusted = false
            case 2:
                // Decided on before others, and stored after them.
                let late = (0..<3).map { event(number - 500 - $0 * 2, &random) }
                if number > 2_000 { try await log.store.append(late) }
                isTrusted = false
            case 3: try await log.store.checkpoint()
            case 4...6: await log.store.summarizeWanted()
            default:
                let events = (0..<Int.random(in: 1...60, using: &random)).map { event(number + 1 + $0 * 7, &random) }
                number += 1_000
                try await log.store.append(events)
            }
            let hasAnswered = try await compare(log, &random)
            if hasAnswered { answered += 1 }
            // Nothing but these takes the right to answer away.
            if !hasAnswered, isTrusted, log.store.summaries?.all.isEmpty == false {
                #expect(log.store.summaries?.summary(of: .init(projectID: 1, experienceID: 5)) != nil)
            }
            if hasAnswered { isTrusted = true }
        }
        #expect(answered > 3)
    }
}
