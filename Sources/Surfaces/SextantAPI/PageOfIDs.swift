import Contract
import Gateway
import JSON

/// One page of a list in the order of ids: what was asked for, and how it is answered.
struct PageOfIDs: Sendable {
    static let maximumLimit = 200
    private static let defaultLimit: Int64 = 50

    /// The last id of the page before; 0 for the first page.
    let after: Int64
    /// Things on a page at most.
    let limit: Int

    /// Reads `limit` and `after_cursor`.
    ///
    /// - Throws: `APIError` 400 for a cursor that this server never gave out.
    init(_ request: OperationRequest) throws(APIError) {
        limit = Int(request.query.integer("limit") ?? Self.defaultLimit)
        if let cursor = request.query.string("after_cursor") {
            after = try PageCursor(text: cursor, field: "after_cursor").lastID
        } else {
            after = 0
        }
    }

    /// The page.
    ///
    /// - Parameters:
    ///   - found: what follows `after`, one more than `limit` if there is more.
    ///   - total: how many there are on all pages.
    func json(_ found: [(id: Int64, json: JSONValue)], total: Int) -> JSONValue {
        let page = found.prefix(limit)
        let next = found.count > limit ? page.last.map { PageCursor(lastID: $0.id).text } : nil
        return [
            "data": .array(page.map(\.json)),
            "metadata": [
                "cursor": ["after": .text(next), "before": .null], "limit": .integer(Int64(limit)),
                "total_count": .integer(Int64(total)),
            ],
        ]
    }
}
