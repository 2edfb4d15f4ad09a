import ArgumentParser
import Foundation
import JSON

/// `sextant export`: has the running server write an export, and fetches its files.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export events through the running server, and fetch the files.",
        usage: """
            sextant export --from <day> [<options>]
            sextant export --job <id> [<options>]
            """,
        discussion: """
            One file a week, checked against the sizes and SHA-256 sums of the export's manifest, which is fetched too. Files \
            that are there already, as the manifest has them, are not fetched again: a command that was interrupted goes on \
            with --job. The server keeps the files for three days.
            """)

    @Option(help: "First day, such as 2026-01-01 (UTC).")
    var from: String?

    @Option(help: "Last day. (default: today)")
    var to: String?

    @Option(help: "json, ndjson, csv, parquet or avro.")
    var format = "json"

    @Option(
        help: """
            text or native: what columns of Parquet files are; native has times as timestamps and metadata as JSON. \
            (default: text)
            """)
    var types: String?

    @Option(help: ArgumentHelp("Fetch an export that was started before, by its id.", valueName: "id"))
    var job: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Folder for the files.", valueName: "folder"), completion: .directory)
    var output = "."

    @Flag(help: "Print JSON: the manifest.")
    var json = false

    @OptionGroup var server: ServerConnection

    private static let jobs = "/api/v1/analytics/exports/jobs"

    func validate() throws {
        if (from == nil) == (job == nil) { throw ValidationError("Give --from, or --job with the id of an export.") }
    }

    func run() async throws {
        let id = try await startedJob()
        let finished = try await Waiting.run(
            sayingWhenInterrupted: "The export goes on at the server. To fetch it: sextant export --job \(id)"
        ) { try await finish(id) }
        Waiting.endLine()
        guard finished["status"]?.string == "completed" else {
            throw CommandError("The export failed: \(finished["error"]?.string ?? "the server does not say why").")
        }
        let manifest = try await Waiting.run(
            sayingWhenInterrupted: "Files that are complete stay. To go on: sextant export --job \(id)"
        ) {
            try await ExportDownload(server: server, folder: output).run(finished)
        }
        Waiting.endLine()
        if json { return print(manifest.encodedString) }
        let files = manifest["files"]?.array ?? []
        print("\(manifest["rows"]?.int64 ?? 0) rows in \(files.count) files in \(output), checked against their sums")
    }

    private func startedJob() async throws -> String {
        if let job { return job }
        let today = Date().formatted(Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day())
        var order: JSONValue = [
            "from": .string(from ?? ""), "to": .string(to ?? today), "format": .string(format),
        ]
        if let types { order["types"] = .string(types) }
        let started = try await server.json("POST", "/api/v1/analytics/exports", order)
        guard let id = started["job_id"]?.string else { throw CommandError("The server's answer names no job.") }
        if !json { Waiting.say("The export has the id \(id).") }
        return id
    }

    private func finish(_ id: String) async throws -> JSONValue {
        let path = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        while true {
            let job = try await server.json("GET", "\(Self.jobs)/\(path)")
            let status = job["status"]?.string ?? ""
            Waiting.show("\(status) \(job["progress"]?.string ?? "")")
            if ["completed", "failed"].contains(status) { return job }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
