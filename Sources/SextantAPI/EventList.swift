import Events
import Gateway
import HTTPTypes
import JSON

/// The events of a body.
enum EventList {
    /// Events of one call.
    static let maximumCount = 10_000
    /// Room for a hundred values in each of the events, which is more than 10 MB usually hold.
    private static let limits = JSONLimits(maxDepth: 66, maxValues: 2_000_000)

    /// A JSON array of events, parsed once.
    static func array(_ body: [UInt8]) throws(APIError) -> JSONNode {
        let root: JSONNode
        do {
            root = try JSONDocument(parsing: body, limits: limits).root
        } catch {
            let message = "The body cannot be read: \(error.message)."
            throw APIError(.badRequest, message, fields: [APIError.Field(name: error.path, message: error.message)])
        }
        guard root.kind == .array else {
            throw APIError(.badRequest, "The body must be an array of events, got \(root.kind.phrase).")
        }
        guard root.count > 0 else { throw empty }
        guard root.count <= maximumCount else { throw tooMany }
        return root
    }

    /// The lines of NDJSON; one that cannot be read is a rejection in its place.
    static func lines(_ body: [UInt8]) throws(APIError) -> [Result<JSONNode, EventRejection>] {
        var events: [Result<JSONNode, EventRejection>] = []
        for line in JSONLines(body) {
            guard events.count < maximumCount else { throw tooMany }
            events.append(
                line.result.map(\.root).mapError { error in
                    EventRejection(
                        .malformed, field: error.path, "Line \(line.number) cannot be read: \(error.message).")
                })
        }
        guard !events.isEmpty else { throw empty }
        return events
    }

    private static var empty: APIError { APIError(.badRequest, "The body holds no event.") }

    private static var tooMany: APIError {
        APIError(.contentTooLarge, "The body holds more than 10,000 events; send several requests.")
    }
}
