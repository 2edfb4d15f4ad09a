import Foundation
import JSON
public import Time

/// An event that was turned away, kept for a week for those who look for what is wrong with it.
public struct RejectionSample: Sendable {
    public let at: Timestamp
    /// The key that it came with; nil where that is not known.
    public let keyID: Int64?
    /// What is wrong, such as `metadata.plan`; empty for the event as a whole.
    public let field: String
    public let message: String
    /// The event as it came; nil when it is longer than ``maximumBytes``, or there is none to show.
    public private(set) var event: [UInt8]?
    /// Bytes of the event; nil when there is none to show.
    public private(set) var eventByteCount: Int?

    /// Bytes of an event that is kept.
    public static let maximumBytes = 8_192

    public init(at: Timestamp, keyID: Int64?, field: String, message: String) {
        self.at = at
        self.keyID = keyID
        self.field = field
        self.message = message
    }

    /// Keeps the event as it came, unless it is too long.
    public mutating func show(_ text: [UInt8]) {
        eventByteCount = text.count
        event = text.count <= Self.maximumBytes ? text : nil
    }
}

extension RejectionSample {
    init(_ row: Row) throws {
        at = try row.read("at")
        keyID = try row.read("key_id")
        field = try row.read("field")
        message = try row.read("message")
        event = (try row.read("event") as Data?).map { Array($0) }
        eventByteCount = (try row.read("event_bytes") as Int64?).flatMap { Int(exactly: $0) }
    }
}

/// Finds out whether a sample may tell of users or companies. It had a fault, so nobody knows where it names them: whatever
/// holds an id anywhere may.
struct SampleMentions {
    private let ids: [[UInt8]]

    /// Ids that are looked for; of more, whatever there is may tell of one.
    static let maximumCount = 100

    init(_ ids: [String]) {
        self.ids = ids.map { Array($0.utf8) }
    }

    /// - Parameters:
    ///   - texts: what the sample says of the event in words.
    ///   - event: as it came; one that is no JSON may tell of anybody.
    func mayBe(in texts: [String], event: [UInt8]?) -> Bool {
        if ids.count > Self.maximumCount { return true }
        if texts.contains(where: { holds(Array($0.utf8)) }) { return true }
        guard let event else { return false }
        if holds(event) { return true }
        guard let document = try? JSONDocument(parsing: event) else { return true }
        return isIn(document.root)
    }

    /// Escapes may write an id in other bytes than its own.
    private func isIn(_ node: JSONNode) -> Bool {
        if node.withUTF8({ holds(Array($0)) }) { return true }
        if node.elements.contains(where: isIn) { return true }
        return node.members.contains { member in
            member.value.withKeyUTF8 { holds(Array($0)) } || isIn(member.value)
        }
    }

    private func holds(_ text: [UInt8]) -> Bool {
        ids.contains { id in !id.isEmpty && text.firstRange(of: id) != nil }
    }
}
