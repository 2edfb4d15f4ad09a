import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import Queries

/// `runQuery` and `describeTables`.
struct SQLController: Sendable {
    let queries: QueryService
    /// Where whole results are until they have been read.
    let answers: AnswerFiles

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("runQuery", allow: .read, limits: OperationLimits(endsWithCaller: true), run)
        surface.on("describeTables", allow: .read) { _, _ in .json(Self.tables) }
    }

    private static let defaultRows = 10_000
    private static let defaultSeconds = 30
    private static let defaultSecondsOfWholeResults = 300
    /// From the request to the last byte of a whole result.
    private static let readingSeconds = 3_600

    private func run(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.json
        guard let query = body["query"]?.string else { throw APIError.invalid("query", "query is required.") }
        let format = body["format"]?.string.flatMap(QueryFormat.init(rawValue:)) ?? .json
        let rows = body["max_rows"]?.int64.map { Int($0) }
        let seconds = body["timeout_seconds"]?.int64.map { Int($0) }
        if body["all"]?.bool == true {
            guard rows == nil else {
                throw APIError.invalid("max_rows", "max_rows does not go with all: leave one of them out.")
            }
            return try await whole(query, key, seconds ?? Self.defaultSecondsOfWholeResults, format)
        }
        guard seconds ?? 0 <= QueryLimits.maximumSeconds else {
            throw APIError.invalid(
                "timeout_seconds",
                "timeout_seconds must be at most \(QueryLimits.maximumSeconds), unless the whole result is asked for (all)."
            )
        }
        let result = try await queries.run(
            sql: query, environmentID: key.environmentID, maxRows: rows ?? Self.defaultRows,
            timeoutSeconds: seconds ?? Self.defaultSeconds, format: format)
        return OperationResponse(
            status: .ok, headers: Self.headers(format, rows: result.rowCount, isTruncated: result.isTruncated),
            body: .bytes(result.bytes))
    }

    /// The answer begins with the first rows, while the rest is still being made.
    private func whole(
        _ query: String, _ key: EnvironmentKey, _ seconds: Int, _ format: QueryFormat
    ) async throws -> OperationResponse {
        let answer = GrowingAnswer(
            file: try answers.make(account: key.accountID), readingSeconds: Self.readingSeconds)
        let work = Task {
            do {
                let rows = try await queries.stream(
                    sql: query, environmentID: key.environmentID, timeoutSeconds: seconds, format: format
                ) { bytes, isOver in
                    try answer.append(bytes, unless: isOver)
                }
                answer.finish(.success(()))
                return rows
            } catch {
                answer.finish(.failure(error))
                throw error
            }
        }
        answer.whenGivenUp { work.cancel() }
        let length = try await answer.begun()
        // What is whole already is told with its size.
        let rows = length == nil ? nil : try await work.value
        return OperationResponse(
            status: .ok, headers: Self.headers(format, rows: rows, isTruncated: false),
            body: answer.body(length: length))
    }

    private static func headers(_ format: QueryFormat, rows: Int?, isTruncated: Bool) -> HTTPFields {
        var headers: HTTPFields = [.contentType: format.mediaType]
        for (name, value) in [
            ("X-Sextant-Row-Count", rows.map { String($0) }), ("X-Sextant-Truncated", String(isTruncated)),
        ] {
            if let name = HTTPField.Name(name), let value { headers[name] = value }
        }
        return headers
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
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .parquet: "application/vnd.apache.parquet"
        }
    }
}
