import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import Queries

/// `runQuery` and `describeTables`.
struct SQLController: Sendable {
    let queries: QueryService

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("runQuery", allow: .read, limits: OperationLimits(endsWithCaller: true), run)
        surface.on("describeTables", allow: .read) { _, _ in .json(Self.tables) }
    }

    private static let defaultRows = 10_000
    private static let defaultSeconds = 30

    private func run(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        guard let query = body["query"]?.string else { throw APIError.invalid("query", "query is required.") }
        let format = body["format"]?.string.flatMap(QueryFormat.init(rawValue:)) ?? .json
        let result = try await queries.run(
            sql: query, environmentID: key.environmentID,
            maxRows: body["max_rows"]?.int64.map { Int($0) } ?? Self.defaultRows,
            timeoutSeconds: body["timeout_seconds"]?.int64.map { Int($0) } ?? Self.defaultSeconds, format: format)
        var headers: HTTPFields = [.contentType: format.mediaType]
        for (name, value) in [
            ("X-Sextant-Row-Count", String(result.rowCount)), ("X-Sextant-Truncated", String(result.isTruncated)),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return OperationResponse(status: .ok, headers: headers, body: .bytes(result.bytes))
    }

    private static let tables: JSONValue = .array(
        ShownTable.all.map { table in
            [
                "name": .string(table.name), "description": .string(table.description),
                "columns": .array(
                    table.columns.map { column in
                        [
                            "name": .string(column.name), "type": .string(column.type),
                            "description": .string(column.description),
                        ]
                    }),
            ]
        })
}

extension QueryFormat {
    fileprivate var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .parquet: "application/vnd.apache.parquet"
        }
    }
}
