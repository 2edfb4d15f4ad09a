import Contract
import Cryptography
import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import Text
import Time

/// Lists of events out of the one log, see ``EventReader/all``.
struct EventListController: Sendable {
    let events: EventStore
    /// Signs scroll ids.
    let signingKey: SecretKey
    let clock: WallClock

    private static let limits = OperationLimits(endsWithCaller: true)
    private static let dateNames = ["dateRangeStart", "dateRangeEnd"]

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        for reader in EventReader.all {
            surface.on(reader.operationID, allow: .readOfGainsight, limits: Self.limits) { key, request in
                try await page(reader, key, request)
            }
        }
    }

    private func page(
        _ reader: EventReader, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        let scroll = try request.query.string("scrollId").map { text throws(APIError) in
            try self.scroll(text, reader, key, request)
        }
        let order = try EventOrder(reader, scroll?.sort ?? request.query.string("sort"))
        let filters = scroll?.filters ?? request.query.strings("filter").filter { !$0.isEmpty }
        let filter = try FilterExpression(filters)
        let range = try scroll?.range ?? span(filter, request)
        let pageSize = scroll?.pageSize ?? Int(request.query.integer("pageSize") ?? 25)
        let upTo: LogPosition
        if let scroll { upTo = scroll.upTo } else { upTo = try await events.end() ?? .start }
        var list = EventList(environmentID: key.environmentID, types: reader.types, span: range, upTo: upTo)
        list.alternatives = try EventConditions(reader, filter).alternatives
        list.sort = order.keys
        let total: Int
        if let scroll { total = scroll.totalCount } else { total = try await events.count(of: list) }
        let page: EventList.Page
        do {
            page = try await events.page(of: list, behind: scroll?.place, limit: pageSize)
        } catch let error as EventListError {
            throw APIError(.unprocessableContent, "\(error)")
        }
        var next: String?
        if page.events.count == pageSize, let end = page.end {
            next = EventScroll(
                operationID: reader.operationID, keyID: key.keyID, environmentID: key.environmentID,
                filters: filters, sort: scroll?.sort ?? request.query.string("sort"), pageSize: pageSize,
                dates: scroll?.dates ?? Self.dateNames.map { request.query.string($0) ?? "" }, range: range, upTo: upTo,
                totalCount: total, place: end
            ).encoded(key: signingKey)
        }
        let shown = zip(page.events, page.identifiers).map { view, identifier in
            let event = ShownEvent(view, identifier)
            return event.json(reader.eventType, productKey: key.appToken, reader.shown(event))
        }
        return .json([
            reader.key: .array(shown), "totalHits": .integer(Int64(total)),
            "scrollId": next.map { .string($0) } ?? .null,
        ])
    }

    /// A scroll that this list has given to this key. Some clients send with it what they sent first, some nothing.
    private func scroll(
        _ text: String, _ reader: EventReader, _ key: EnvironmentKey, _ request: OperationRequest
    ) throws(APIError) -> EventScroll {
        guard let scroll = EventScroll(text, key: signingKey), scroll.operationID == reader.operationID,
            scroll.keyID == key.keyID, scroll.environmentID == key.environmentID
        else { throw ListRequest.foreignScroll }
        let filters = request.query.strings("filter").filter { !$0.isEmpty }
        let isOther =
            !filters.isEmpty && filters.map({ ClientText($0) }) != scroll.filters.map { ClientText($0) }
            || request.query.isGiven("sort") && !request.query.string("sort").hasSameBytes(as: scroll.sort)
            || request.query.isGiven("pageSize") && request.query.integer("pageSize") != Int64(scroll.pageSize)
            || zip(Self.dateNames, scroll.dates).contains { name, date in
                request.query.string(name).map { !$0.hasSameBytes(as: date) } ?? false
            }
        guard !isOther else { throw ListRequest.otherScroll }
        return scroll
    }

    private func span(_ filter: FilterExpression, _ request: OperationRequest) throws(APIError) -> Range<Timestamp> {
        func date(_ name: String) throws(APIError) -> Timestamp? {
            guard let text = request.query.string(name) else { return nil }
            guard let time = Timestamp(gainsight: .string(text)) else {
                throw APIError.invalid(name, "\(name) must be milliseconds since 1970.")
            }
            return time
        }
        return try EventSpan(
            filter, start: date("dateRangeStart"),
            // Up to and with the millisecond that is named.
            end: date("dateRangeEnd").map { Timestamp(microseconds: ($0.milliseconds + 1) * 1_000) }, now: clock.now
        ).range
    }
}
