import Contract
import Gateway
import JSON

/// A page of a list that is scrolled by rising ids: it costs no more the further on it is, and what is added or removed
/// meanwhile moves nothing.
struct ScrolledPage {
    let size: Int
    /// The id of the last entry of the page before; 0 for the first page.
    let after: Int64

    /// - Throws: `APIError` 400 for a scroll id that is none.
    init(_ request: OperationRequest) throws(APIError) {
        size = Int(request.query.integer("pageSize") ?? 20)
        after =
            if let text = request.query.string("scrollId") {
                try PageCursor(text: text, field: "scrollId").lastID
            } else { 0 }
    }

    /// - Parameter lastID: of the last entry, if there is one.
    func json(_ entries: [JSONValue], lastID: Int64?, total: Int) -> JSONValue {
        // Behind a page that is not full there is nothing.
        let next = entries.count == size ? lastID.map { PageCursor(lastID: $0).text } : nil
        return [
            "results": .array(entries), "totalHits": .integer(Int64(total)),
            "scrollId": next.map { .string($0) } ?? .null,
        ]
    }
}
