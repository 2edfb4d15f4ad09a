public import ControlStore
import JSON
import Synchronization
import Text
public import Time

/// Tells which features an event is a use of, by their elements.
public final class FeatureMatcher: Sendable {
    /// What of an event elements look at.
    public struct Sight: Sendable {
        public let isPageView: Bool
        public let eventName: String
        /// In lower case.
        public let host: String
        public let path: String
        /// The properties of these names; nil for none, and for what is no text.
        public let element: String?
        public let text: String?

        public init(
            isPageView: Bool, eventName: String, host: String, path: String, element: String?, text: String?
        ) {
            self.isPageView = isPageView
            self.eventName = eventName
            self.host = host
            self.path = path
            self.element = element
            self.text = text
        }
    }

    /// Features that an event is a use of.
    public struct Matches: Sendable, Equatable {
        public internal(set) var tags: [String] = []
        /// Whether there may be more: an event is a use of so many at most, and looking for them takes so long at most.
        public internal(set) var isCut = false
    }

    /// Features that one event is a use of.
    static let maximumMatches = 20
    /// Comparisons of bytes that looking at one event takes.
    static let maximumSteps = 500_000
    /// Elements that are looked for in one environment.
    static let maximumElements = 2_000

    fileprivate struct Sought: Sendable {
        let tag: String
        let countsSince: Timestamp
        let elements: [Element]
    }

    /// An element with its patterns as bytes.
    fileprivate struct Element: Sendable {
        let url: Wildcard?
        let isPath: Bool
        let eventName: Wildcard?
        let element: String?
        let text: String?

        /// What costs least is looked at first.
        func matches(_ sight: Sight, steps: inout Int) -> Bool {
            if eventName != nil, sight.isPageView { return false }
            if url != nil, eventName == nil, element == nil, text == nil, !sight.isPageView { return false }
            steps -= 1
            if let element, sight.element.hasSameBytes(as: element) == false { return false }
            if let text, sight.text.hasSameBytes(as: text) == false { return false }
            if let eventName, !eventName.matches(sight.eventName, steps: &steps) { return false }
            guard let url else { return true }
            return url.matches(isPath ? sight.path : sight.host + sight.path, steps: &steps)
        }
    }

    private let sought = Mutex<[Int64: [Sought]]>([:])

    /// Reads which elements there are.
    public init(store: ControlStore) async throws {
        let rows = try await store.read { database in
            try database.values(
                Int64.self, sql: "SELECT DISTINCT environment_id FROM tracked_features WHERE counts_since IS NOT NULL")
        }
        for environmentID in rows {
            let features = try await store.read { try Self.sought(environmentID, from: $0) }
            put(features, environmentID)
        }
    }

    /// Whether anything is looked for in an environment.
    public func looks(in environmentID: Int64) -> Bool { sought.withLock { $0[environmentID] != nil } }

    /// From when a feature has been looked for by the elements that it has; nil when it is not looked for.
    public func soughtSince(_ tag: String, environmentID: Int64) -> Timestamp? {
        sought.withLock { sought in sought[environmentID]?.first { $0.tag.hasSameBytes(as: tag) }?.countsSince }
    }

    /// The features that an event is a use of, oldest first.
    public func matches(of sight: Sight, environmentID: Int64) -> Matches {
        let sought = sought.withLock { $0[environmentID] } ?? []
        var steps = Self.maximumSteps
        var matches = Matches()
        for feature in sought {
            guard matches.tags.count < Self.maximumMatches, steps > 0 else {
                matches.isCut = true
                break
            }
            if feature.elements.contains(where: { $0.matches(sight, steps: &steps) }), steps > 0 {
                matches.tags.append(feature.tag)
            }
        }
        return matches
    }

    /// Elements that are looked for in an environment.
    func elementCount(in environmentID: Int64) -> Int {
        sought.withLock { $0[environmentID]?.reduce(0) { $0 + $1.elements.count } ?? 0 }
    }

    /// Takes over what is looked for in an environment, once the transaction is committed that changes it.
    func reload(_ environmentID: Int64, from database: Database) throws {
        let features = try Self.sought(environmentID, from: database)
        database.afterCommit { self.put(features, environmentID) }
    }

    private func put(_ features: [Sought], _ environmentID: Int64) {
        sought.withLock { $0[environmentID] = features.isEmpty ? nil : features }
    }

    private static func sought(_ environmentID: Int64, from database: Database) throws -> [Sought] {
        let rows = try database.rows(
            sql: """
                SELECT tag, counts_since, elements FROM tracked_features
                WHERE environment_id = ? AND counts_since IS NOT NULL AND is_active ORDER BY id
                """, arguments: [environmentID])
        return rows.readable("feature") { row in
            let elements = try JSONValue(stored: row.read("elements", as: String.self)).array ?? []
            return try Sought(
                tag: row.read("tag"), countsSince: row.read("counts_since"),
                elements: elements.map { FeatureElement($0) }.filter { $0.isEnabled && $0.saysSomething }.map {
                    Element($0)
                })
        }
    }

    /// Forgets an environment that is no more.
    func forget(_ environmentID: Int64) { sought.withLock { _ = $0.removeValue(forKey: environmentID) } }
}

extension FeatureMatcher.Element {
    fileprivate init(_ element: FeatureElement) {
        isPath = element.url?.utf8.first == UInt8(ascii: "/")
        url = element.url.map { Wildcard($0) }
        eventName = element.eventName.map { Wildcard($0) }
        self.element = element.element
        text = element.text
    }
}

/// A pattern over the bytes of a whole text: `*` stands for any text, `?` for any byte.
struct Wildcard: Sendable {
    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// What a star stood for is tried again, no other choice is, so the time grows with both lengths multiplied at most.
    /// - Parameter steps: that are left; where they run out the text does not match.
    func matches(_ text: String, steps: inout Int) -> Bool {
        let text = Array(text.utf8)
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < text.count {
            steps -= 1
            guard steps > 0 else { return false }
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == text[index] || pattern[place] == UInt8(ascii: "?") {
                place += 1
                index += 1
            } else if let last = star {
                place = last.place + 1
                index = last.index + 1
                star = (last.place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
