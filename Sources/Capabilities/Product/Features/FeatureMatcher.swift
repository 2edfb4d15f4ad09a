public import ControlStore
import JSON
import Synchronization
import Text

/// Tells which features an event is a use of, by their elements.
public final class FeatureMatcher: Sendable {
    /// What of an event elements look at.
    public struct Sight {
        public let isPageView: Bool
        public let eventName: String
        /// In lower case.
        public let host: String
        public let path: String
        /// Asked for only where an element looks at properties.
        public let property: (String) -> String?

        public init(
            isPageView: Bool, eventName: String, host: String, path: String, property: @escaping (String) -> String?
        ) {
            self.isPageView = isPageView
            self.eventName = eventName
            self.host = host
            self.path = path
            self.property = property
        }
    }

    fileprivate struct Sought: Sendable {
        let tag: String
        let elements: [Element]
    }

    /// An element with its patterns as bytes.
    fileprivate struct Element: Sendable {
        let url: Wildcard?
        let isPath: Bool
        let eventName: Wildcard?
        let element: String?
        let text: String?

        func matches(_ sight: Sight) -> Bool {
            if let url {
                guard sight.isPageView || eventName != nil || element != nil || text != nil else { return false }
                guard url.matches(isPath ? sight.path : sight.host + sight.path) else { return false }
            }
            if let eventName {
                guard !sight.isPageView, eventName.matches(sight.eventName) else { return false }
            }
            if let element, sight.property("element").hasSameBytes(as: element) == false { return false }
            if let text, sight.property("text").hasSameBytes(as: text) == false { return false }
            return true
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
            try await store.read { try self.reload(environmentID, from: $0) }
        }
    }

    /// Whether anything is looked for in an environment.
    public func looks(in environmentID: Int64) -> Bool { sought.withLock { $0[environmentID] != nil } }

    /// The tags of features that an event is a use of.
    public func tags(of sight: Sight, environmentID: Int64) -> [String] {
        let sought = sought.withLock { $0[environmentID] } ?? []
        return sought.filter { feature in feature.elements.contains { $0.matches(sight) } }.map(\.tag)
    }

    /// Takes over what is looked for in an environment, within the transaction that changes it.
    func reload(_ environmentID: Int64, from database: Database) throws {
        let rows = try database.rows(
            sql: """
                SELECT tag, elements FROM tracked_features
                WHERE environment_id = ? AND counts_since IS NOT NULL AND is_active ORDER BY id
                """, arguments: [environmentID])
        let features = rows.readable("feature") { row in
            let elements = try JSONValue(stored: row.read("elements", as: String.self)).array ?? []
            return try Sought(
                tag: row.read("tag"),
                elements: elements.map { FeatureElement($0) }.filter { $0.isEnabled && $0.saysSomething }.map {
                    Element($0)
                })
        }
        sought.withLock { $0[environmentID] = features.isEmpty ? nil : features }
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

    /// In time that grows with both lengths multiplied at most: what a star stood for is tried again, no other choice is.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < text.count {
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
