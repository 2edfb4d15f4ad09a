import ArgumentParser
import Foundation
import HTTPClient
import JSON
import NIOCore

/// `sextant sql`: read-only SQL over one environment's events, through the running server.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Run a read-only query over the events, through the running server.",
        usage: "sextant sql <statement> [<options>]",
        discussion: """
            Example: sextant sql "SELECT event_name, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC"

            Ends with 3 when the result has more rows than were asked for, or breaks off; standard error says so.
            """)

    /// The forms of a result.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json, ndjson, parquet
    }

    @Argument(help: "One SELECT statement over events and experiment_events.")
    var statement: String

    @Option(
        help: """
            table, csv, json, ndjson or parquet. (default: table on a terminal, else what --output ends with, or csv)
            """)
    var format: Format?

    @Flag(help: "The same as --format json.")
    var json = false

    @Flag(help: "All rows, however many: they come while the query runs.")
    var all = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File for the result; it is there once it is complete.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(help: "Rows at most, up to 100000. (default: 10000)")
    var maxRows: Int?

    @Option(help: "Seconds at most: up to 60, with --all up to 600. (default: 30, with --all 300)")
    var timeout: Int?

    @OptionGroup var server: ServerConnection

    func validate() throws {
        if all, maxRows != nil { throw ValidationError("--all and --max-rows exclude each other.") }
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format) exclude each other.")
        }
        if wanted == .parquet, output == nil, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("Parquet is not for terminals: name a file with --output.")
        }
    }

    func run() async throws {
        guard let output else {
            try await run(into: FileHandle.standardOutput)
            return
        }
        let file = try ResultFile(output)
        try await Waiting.run(sayingWhenInterrupted: "Nothing was written to \(output).") {
            try await file.write { try await run(into: $0) }
        }
    }

    private var wanted: Format {
        if let format { return format }
        if json { return .json }
        guard let output else { return isatty(STDOUT_FILENO) == 1 ? .table : .csv }
        return Format(rawValue: URL(fileURLWithPath: output).pathExtension.lowercased()) ?? .csv
    }

    /// - Throws: ``CommandError`` with ``ExitStatus/incomplete`` when rows are missing that the result has; what is there has
    ///   been written then.
    private func run(into output: FileHandle) async throws {
        let answer = try await ask()
        var printer = ResultPrinter(
            format: wanted, output: output, width: isatty(output.fileDescriptor) == 1 ? Terminal.width : nil)
        do {
            for try await chunk in answer.body { try printer.add(Array(chunk.readableBytesView)) }
        } catch let error as HTTPClientError {
            try printer.breakOff()
            throw CommandError(
                "The result broke off (\(error)): what has come is not all of it. The query may have failed, or its time be over "
                    + "(--timeout); run it again.", .incomplete)
        }
        try printer.finish()
        guard answer.header("X-Sextant-Truncated") == "true" else { return }
        let rows = answer.header("X-Sextant-Row-Count").map { " after \($0) rows" } ?? ""
        throw CutResult("The result was cut\(rows): --all fetches all of it, --max-rows up to 100000.")
    }

    private var body: JSONValue {
        var body: [(String, JSONValue)] = [
            ("query", .string(statement)), ("format", .string((wanted == .table ? .json : wanted).rawValue)),
        ]
        if all { body.append(("all", true)) }
        if let maxRows { body.append(("max_rows", .integer(Int64(maxRows)))) }
        if let timeout { body.append(("timeout_seconds", .integer(Int64(timeout)))) }
        return .object(JSONObject(body))
    }

    /// Sends the query, again and again while the server is still copying the events that it reads.
    private func ask() async throws -> ClientResponse {
        while true {
            do {
                return try await server.start(
                    "POST", "/api/sextant/v1/sql", contentType: "application/json", body: body.encoded(),
                    waitingSeconds: 700)
            } catch ServerConnectionError.refused(503, let answer) where answer.contains("is being made") {
                let message = try? JSONValue(parsing: answer)["error"]?["message"]?.string
                FileHandle.standardError.write(Data("\(message ?? answer)\n".utf8))
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Rows are missing that were not asked for: what was asked for is there.
struct CutResult: StatusError, CustomStringConvertible {
    let description: String
    let exitStatus = ExitStatus.incomplete

    init(_ description: String) {
        self.description = description
    }
}
