public import JSON
import Time

/// How events are written down on their way to the store.
extension ExperimentEvent {
    /// Events as a JSON array; ``decoded(_:)`` reads it.
    public static func encoded(_ events: some Sequence<ExperimentEvent>) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginArray()
        for event in events { event.write(to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    /// The events of such an array.
    /// - Throws: `JSONError` for what is no JSON, ``UnknownExperimentEvent`` for anything else.
    public static func decoded(_ bytes: [UInt8]) throws -> [ExperimentEvent] {
        try elements(bytes).map { element in
            guard case .event(let event) = element else { throw UnknownExperimentEvent() }
            return event
        }
    }

    /// What such an array holds: each event, or what is written in a way that this version does not know.
    public enum Written: Sendable {
        case event(ExperimentEvent)
        case unknown(JSONValue)
    }

    /// The elements of such an array.
    /// - Throws: `JSONError` for what is no JSON, ``UnknownExperimentEvent`` for what is no array.
    public static func elements(_ bytes: [UInt8]) throws -> [Written] {
        guard let list = try JSONValue(stored: bytes).array else { throw UnknownExperimentEvent() }
        return list.map { value in ExperimentEvent(value).map { .event($0) } ?? .unknown(value) }
    }

    private func write(to writer: inout JSONWriter) {
        func write(_ name: String, _ text: String?) {
            guard let text else { return }
            writer.key(name)
            writer.string(text)
        }
        func write(_ name: String, _ number: Int64?) {
            guard let number else { return }
            writer.key(name)
            writer.integer(number)
        }
        func write(_ name: String, _ texts: [String]) {
            if texts.isEmpty { return }
            writer.key(name)
            writer.beginArray()
            for text in texts { writer.string(text) }
            writer.endArray()
        }
        func write(_ name: String, _ numbers: [Int64]) {
            if numbers.isEmpty { return }
            writer.key(name)
            writer.beginArray()
            for number in numbers { writer.integer(number) }
            writer.endArray()
        }
        writer.beginObject()
        write("id", id.description)
        write("environment", environmentID)
        write("project", projectID)
        write("kind", kind.rawValue)
        write("occurred_at", occurredAt.microseconds)
        write("received_at", receivedAt.microseconds)
        write("visitor", visitorID)
        write("assignments", assignments.flatMap { [$0.experienceID, $0.variationID] })
        write("goal", goalID)
        if let revenue {
            writer.key("revenue")
            writer.double(revenue)
        }
        write("products", productsCount)
        write("transaction", transactionID)
        write("devices", segments.devices)
        write("browser", segments.browser)
        write("country", segments.country)
        write("visitor_type", segments.visitorType)
        write("campaign", segments.campaign)
        write("sources", segments.sources)
        write("custom_segments", segments.customSegments)
        writer.endObject()
    }

    private init?(_ value: JSONValue) {
        guard let id = value["id"]?.string.flatMap({ EventIdentifier($0) }),
            let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let environmentID = value["environment"]?.int64, let projectID = value["project"]?.int64,
            let occurredAt = value["occurred_at"]?.int64, let receivedAt = value["received_at"]?.int64,
            let visitorID = value["visitor"]?.string
        else { return nil }
        func texts(_ name: String) -> [String] { (value[name]?.array ?? []).compactMap(\.string) }
        func numbers(_ name: String) -> [Int64] { (value[name]?.array ?? []).compactMap(\.int64) }
        let pairs = numbers("assignments")
        var segments = ReportingSegments()
        segments.devices = texts("devices")
        segments.browser = value["browser"]?.string
        segments.country = value["country"]?.string
        segments.visitorType = value["visitor_type"]?.string
        segments.campaign = value["campaign"]?.string
        segments.sources = texts("sources")
        segments.customSegments = numbers("custom_segments")
        self.init(
            id: id, environmentID: environmentID, projectID: projectID, kind: kind,
            occurredAt: Timestamp(microseconds: occurredAt), receivedAt: Timestamp(microseconds: receivedAt),
            visitorID: visitorID,
            assignments: stride(from: 0, to: pairs.count - 1, by: 2).map {
                Assignment(experienceID: pairs[$0], variationID: pairs[$0 + 1])
            },
            goalID: value["goal"]?.int64, revenue: value["revenue"]?.double, productsCount: value["products"]?.int64,
            transactionID: value["transaction"]?.string, segments: segments)
    }
}

/// An event was written down in a way that this version does not know.
public struct UnknownExperimentEvent: Error, CustomStringConvertible {
    public init() {}

    public var description: String { "an experiment event is written in a form that this version does not know" }
}
