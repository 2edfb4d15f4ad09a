import Contract
import Gateway
import JSON

/// A page by its number, from 0 (contract schema `NumberedPage`).
struct NumberedPage {
    let number: Int
    let size: Int

    /// - Throws: `APIError` 400 for a page so far out that nothing could be there.
    init(_ request: OperationRequest, standardSize: Int) throws(APIError) {
        size = Int(request.query.integer("pageSize") ?? Int64(standardSize))
        guard let number = Int(exactly: request.query.integer("pageNumber") ?? 0), number <= 1_000_000_000 else {
            throw APIError.invalid("pageNumber", "pageNumber is too large.")
        }
        self.number = number
    }

    /// Entries before it.
    var offset: Int { number * size }

    func json(_ key: String, _ entries: [JSONValue], total: Int) -> JSONValue {
        [
            key: .array(entries), "pageNumber": .integer(Int64(number)),
            "isLastPage": .bool(offset + entries.count >= total), "totalHits": .integer(Int64(total)),
        ]
    }
}
