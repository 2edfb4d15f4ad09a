import ArgumentParser
import Foundation
import JSON

/// `sextant sql`: read-only SQL over one environment's events, through the running server.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Run a read-only query over the events, through the running server.",
        usage: "sextant sql <statement> [<options>]",
        discussion: "Example: sextant sql \"SELECT event_name, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC\""
    )

    @Argument(help: "One SELECT statement over events and experiment_events.")
    var statement: String

    @Option(help: "json, csv or parquet.")
    var format = "csv"

    @Flag(help: "The same as --format json.")
    var json = false

    @Option(help: "Rows at most.")
    var maxRows = 10_000

    @Option(help: "Seconds at most.")
    var timeout = 30

    @OptionGroup var server: ServerConnection

    func run() async throws {
        let body: JSONValue = [
            "query": .string(statement), "format": .string(json ? "json" : format),
            "max_rows": .integer(Int64(maxRows)),
            "timeout_seconds": .integer(Int64(timeout)),
        ]
        let answer = try await ask(body)
        try FileHandle.standardOutput.write(contentsOf: Data(answer))
        if json || format == "json" { print() }
    }

    /// Sends the query, again and again while the server is still copying the events that it reads.
    private func ask(_ body: JSONValue) async throws -> [UInt8] {
        while true {
            do {
                return try await server.send(
                    "POST", "/api/sextant/v1/sql", contentType: "application/json", body: body.encoded())
            } catch ServerConnectionError.refused(503, let answer) where answer.contains("is being made") {
                let message = try? JSONValue(parsing: answer)["error"]?["message"]?.string
                FileHandle.standardError.write(Data("\(message ?? answer)\n".utf8))
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
