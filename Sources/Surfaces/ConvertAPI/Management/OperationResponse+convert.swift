import Gateway
import HTTPTypes
import JSON
import Resources

extension OperationResponse {
    /// A page of a list.
    static func page(_ page: ListPage) -> OperationResponse {
        let pagination: JSONValue = [
            "current_page": .integer(Int64(page.page)), "items_count": .integer(Int64(page.itemsCount)),
            "items_per_page": .integer(Int64(page.itemsPerPage)), "pages_count": .integer(Int64(page.pagesCount)),
        ]
        return .json(["data": .array(page.items ?? []), "extra": ["pagination": pagination]])
    }

    /// An operation that returns no data (contract schema `SuccessData`).
    static func success(_ message: String, status: HTTPResponse.Status = .ok) -> OperationResponse {
        .json(["code": .integer(Int64(status.code)), "message": .string(message)], status: status)
    }

    /// What a bulk operation did (contract schema `BulkSuccessData`).
    static func bulk(_ failures: [BulkFailure], of count: Int) -> OperationResponse {
        let errors = failures.map { failure -> JSONValue in
            ["id": .integer(failure.id), "message": .string(failure.message)]
        }
        let message = failures.isEmpty ? "All are done." : "\(failures.count) of \(count) could not be processed."
        return .json(["code": 200, "message": .string(message), "errors": .array(errors)])
    }
}
