import Events
import Gateway
import HTTPTypes
import JSON

/// The events of a body.
enum EventList {
    /// Events of one call.
    static let maximumCount = 10_000
    /// Room for a hundred values in each of the events, which is more than 10 MB usually hold.
    private static let limits = JSONLimits(maxValues: 2_000_000)

    /// The elements of a JSON array; one that cannot be read is a rejection in its place.
    static func array(_ body: [UInt8]) throws(APIError) -> [Result<JSONNode, EventRejection>] {
        let document: JSONElementwise
        do {
            document = try JSONElementwise(parsing: body, lists: [], limits: limits)
        } catch {
            let message = "The body cannot be read: \(error.message)."
            throw APIError(.badRequest, message, fields: [APIError.Field(name: error.path, message: error.message)])
        }
        let root = document.root
        guard root.kind == .array else {
            throw APIError(.badRequest, "The body must be an array of events, got \(root.kind.phrase).")
        }
        guard root.count > 0 else { throw empty }
        guard root.count <= maximumCount else { throw tooMany }
        return root.elements.enumerated().map { index, element in
            guard let error = document.error(of: element) else { return .success(element) }
            return .failure(
                EventRejection(
                    .malformed, field: error.path, "Event \(index + 1) cannot be read: \(error.message)."))
        }
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
