import TestSupport
import Testing
import Time

@testable import EventStore

/// Lists that are read page by page, against all events filtered and sorted by hand.
@Suite struct EventListTests {
    private struct Sample {
        let environmentID: Int64
        let type: EventType
        let user: String
        let company: String?
        let plan: String?
        /// Milliseconds behind ``HandClock/start``.
        let delay: Int64
    }

    private static let users = [
        "", "ann", "Ann", "ANN", "b%b", "b_b", "bxb", "\u{E9}", "e\u{301}", "\u{C9}", "a b", "~",
    ]
    private static let plans: [String?] = [nil, "", "Pro", "free", "a\\b", "*"]

    private static func samples(_ count: Int, _ random: inout SeededGenerator) -> [Sample] {
        (0..<count).map { _ in
            Sample(
                environmentID: Int64.random(in: 1...2, using: &random),
                type: Bool.random(using: &random) ? .track : .pageView,
                user: users.randomElement(using: &random) ?? "",
                company: ["acme", nil].randomElement(using: &random) ?? nil,
                plan: plans.randomElement(using: &random) ?? nil, delay: Int64.random(in: 0..<20, using: &random))
        }
    }

    private static func time(_ delay: Int64) -> Timestamp {
        Timestamp(microseconds: HandClock.start.microseconds + delay * 1_000)
    }

    private static func batch(_ samples: [Sample]) -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        for sample in samples {
            let stream: EventStream = sample.environmentID == 1 ? .first : .second
            builder.begin(
                sample.type, in: stream, source: .backendHTTP, surface: .sextant, occurredAt: time(sample.delay))
            if !sample.user.isEmpty { builder.set(.userID, to: sample.user) }
            if let company = sample.company { builder.set(.companyID, to: company) }
            if let plan = sample.plan {
                let escaped = plan.replacing("\\", with: "\\\\")
                builder.set(.properties, to: #"{"traits": {"plan": "\#(escaped)"}}"#)
            }
            builder.finish(in: stream)
        }
        return builder.build()
    }

    // MARK: the same by hand

    private static func text(_ text: EventList.Text, of sample: Sample) -> String {
        switch text {
        case .field(.userID): sample.user
        case .field: sample.company ?? ""
        case .property: sample.plan ?? ""
        case .source: "backend-http"
        case .first(let texts): texts.lazy.map { Self.text($0, of: sample) }.first { !$0.isEmpty } ?? ""
        case .identifier(let id): Self.text(id, of: sample)
        }
    }

    private static func isIdentifier(_ text: EventList.Text) -> Bool {
        if case .identifier = text { true } else { false }
    }

    private static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return (0...text.count).contains { matches(pattern.dropFirst(), text.dropFirst($0)) }
        }
        guard let next = text.first, first == "?" || first == next else { return false }
        return matches(pattern.dropFirst(), text.dropFirst())
    }

    private static func satisfies(_ sample: Sample, _ term: EventList.Term) -> Bool {
        switch term {
        case .time(let span): return span.contains(time(sample.delay))
        case .notTime(let span): return !span.contains(time(sample.delay))
        case .text(let text, let comparison, let operand):
            var (left, right) = (Self.text(text, of: sample), operand)
            if !isIdentifier(text) { (left, right) = (left.lowercased(), right.lowercased()) }
            let isLess = left.utf8.lexicographicallyPrecedes(right.utf8)
            let isEqual = left.utf8.elementsEqual(right.utf8)
            switch comparison {
            case .equal: return isEqual
            case .unequal: return !isEqual
            case .less: return isLess
            case .atMost: return isLess || isEqual
            case .greater: return !isLess && !isEqual
            case .atLeast: return !isLess
            case .like: return matches(Array(right.unicodeScalars)[...], Array(left.unicodeScalars)[...])
            case .unlike: return !matches(Array(right.unicodeScalars)[...], Array(left.unicodeScalars)[...])
            }
        }
    }

    /// Positions of the samples that a list has, in its order.
    private static func expected(_ samples: [Sample], _ list: EventList) -> [Int] {
        let found = samples.indices.filter { index in
            let sample = samples[index]
            return sample.environmentID == list.environmentID && list.types.contains(sample.type)
                && list.span.contains(time(sample.delay))
                && (list.alternatives.isEmpty
                    || list.alternatives.contains { $0.allSatisfy { satisfies(sample, $0) } })
        }
        return found.sorted { left, right in
            for key in list.sort {
                let (one, other) = (samples[left], samples[right])
                switch key {
                case .time(let isDescending) where one.delay != other.delay:
                    return (one.delay < other.delay) != isDescending
                case .text(let text, let isDescending):
                    let (first, second) = (Self.text(text, of: one), Self.text(text, of: other))
                    guard first.utf8.elementsEqual(second.utf8) else {
                        return first.utf8.lexicographicallyPrecedes(second.utf8) != isDescending
                    }
                case .time: continue
                }
            }
            return left < right
        }
    }

    private static let texts: [EventList.Text] = [
        .field(.userID), .field(.companyID), .property(["traits", "plan"]),
        .first([.field(.companyID), .property(["traits", "plan"])]),
        .source, .identifier(.field(.userID)), .identifier(.property(["traits", "plan"])),
    ]

    private static func term(_ random: inout SeededGenerator) -> EventList.Term {
        let first = Int64.random(in: 0..<20, using: &random)
        let span = time(first)..<time(first + Int64.random(in: 0..<20, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .time(span)
        case 1: return .notTime(span)
        default:
            let comparisons: [EventList.Comparison] = [
                .equal, .unequal, .less, .atMost, .greater, .atLeast, .like, .unlike,
            ]
            let operands = users + ["pro", "a*", "*n*", "b?b", "?", "*", "a\\b", "acme", "backend*"]
            return .text(
                texts.randomElement(using: &random) ?? .field(.userID),
                comparisons.randomElement(using: &random) ?? .equal, operands.randomElement(using: &random) ?? "")
        }
    }

    private static func list(upTo: LogPosition, _ random: inout SeededGenerator) -> EventList {
        let types: [[EventType]] = [[.track], [.track, .pageView], []]
        let first = Int64.random(in: -1..<6, using: &random)
        var list = EventList(
            environmentID: 1, types: (types + types.prefix(2)).randomElement(using: &random) ?? [],
            span: time(first)..<time(first + 17), upTo: upTo)
        list.alternatives = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            (0..<Int.random(in: 1..<3, using: &random)).map { _ in term(&random) }
        }
        list.sort = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            let isDescending = Bool.random(using: &random)
            guard Bool.random(using: &random) else { return .time(isDescending: isDescending) }
            return .text(texts.randomElement(using: &random) ?? .field(.userID), isDescending: isDescending)
        }
        return list
    }

    // MARK: the tests

    @Test func pagesAreTheListWhateverIsAddedMeanwhile() async throws {
        var random = SeededGenerator(seed: 20_250_615)
        let log = try Log()
        let committer = try log.committer(HandClock().clock)
        let samples = Self.samples(200, &random)
        let outcomes = try committer.commit([Self.batch(samples)]).outcomes.joined()
        let identifiers = outcomes.compactMap(\.identifier)
        #expect(identifiers.count == samples.count)
        let upTo = try #require(try await log.store.end())
        for _ in 0..<60 {
            let list = Self.list(upTo: upTo, &random)
            let expected = Self.expected(samples, list)
            #expect(try await log.store.count(of: list) == expected.count)
            let limit = Int.random(in: 1...30, using: &random)
            var read: [EventIdentifier] = []
            var place: EventList.Place?
            repeat {
                let page = try await log.store.page(of: list, behind: place, limit: limit)
                #expect(page.events.count == page.identifiers.count)
                #expect(page.identifiers.count == min(limit, expected.count - read.count))
                read += page.identifiers
                place = page.identifiers.count == limit ? page.end : nil
                _ = try committer.commit([Self.batch(Self.samples(1, &random))])
            } while place != nil && read.count <= expected.count
            #expect(read == expected.map { identifiers[$0] })
        }
    }

    @Test func anEmptyListHasNoEnd() async throws {
        let log = try Log()
        var random = SeededGenerator(seed: 1)
        _ = try log.committer(HandClock().clock).commit([Self.batch(Self.samples(20, &random))])
        let none = EventList(
            environmentID: 9, types: [.track], span: Self.time(-100)..<Self.time(100), upTo: .end)
        let page = try await log.store.page(of: none, behind: nil, limit: 10)
        #expect(page.events.isEmpty && page.end == nil)
        #expect(try await log.store.count(of: none) == 0)
    }

    /// Names of members are data, whatever they hold.
    @Test func namesOfMembersMeanThemselves() async throws {
        let log = try Log()
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        builder.begin(.track, in: .first, source: .backendHTTP, surface: .sextant, occurredAt: HandClock.start)
        builder.set(.properties, to: #"{"a/b~c": {"' OR 1=1 --": "x"}, "$.a": "y"}"#)
        builder.finish(in: .first)
        _ = try log.committer(HandClock().clock).commit([builder.build()])
        for (path, value) in [(["a/b~c", "' OR 1=1 --"], "x"), (["$.a"], "y"), (["a"], "")] {
            var list = EventList(
                environmentID: 1, types: [.track], span: Self.time(-100)..<Self.time(100), upTo: .end)
            list.alternatives = [[.text(.property(path), .equal, value)]]
            #expect(try await log.store.count(of: list) == 1, "\(path)")
        }
    }
}
