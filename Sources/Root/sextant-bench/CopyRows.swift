import ArgumentParser
import DuckDB
import EventStore
import Exports
import Foundation
import Time

/// A bare COPY of the rows that an export selects, to one file.
struct CopyRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "COPY an environment's events of a span of days to one file.")

    @Argument(help: "Database file, not in use by a server.")
    var path: String

    @Argument(help: "json, ndjson, csv, parquet or avro.")
    var format: String

    @Argument(help: "File to write.")
    var output: String

    @Option(help: "First day.") var from: String
    @Option(help: "Last day.") var to: String
    @Option(help: "Environment.") var environment: Int64 = 1

    func run() throws {
        guard let from = CalendarDate(from), let to = CalendarDate(to), let format = ExportFormat(rawValue: format)
        else {
            throw ValidationError("Give two days as YYYY-MM-DD and a known format.")
        }
        let connection = try EventFile.open(path)
        if let avro = Engine.avroExtensionPath { try connection.execute("LOAD '\(avro)'") }
        let statement = ExportQuery.copyStatement(
            ExportRequest(from: from, to: to, format: format),
            stream: EventStream(environmentID: environment, projectID: 1, appToken: "NX-00000000"), to: output)
        let started = ContinuousClock.now
        let rows = try connection.execute(statement, [])
        let seconds = started.duration(to: .now) / .seconds(1)
        print(#"{"rows": \#(rows), "seconds": \#(seconds), "rows_per_second": \#(Double(rows) / seconds)}"#)
    }
}
