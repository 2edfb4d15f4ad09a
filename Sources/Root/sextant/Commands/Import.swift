import ArgumentParser
import Foundation
import JSON
import Text

/// `sextant import`: sends files of historic events to the running server and waits until they are stored.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import files of historic events into the running server, one after the other.",
        usage: """
            sextant import <file> ... [<options>]
            sextant import --wait <job> [<options>]
            sextant import --cancel <job> [<options>]
            """,
        discussion: """
            Files are NDJSON, CSV, JSON, Parquet or Avro, packed with gzip or not, such as those of an export. Rows have the \
            fields of ImportRow in the Userpilot contract, see /docs. A file may be up to 50 MB.

            Once a file has been sent its import goes on at the server, whatever becomes of this command: an interruption \
            (control-C) only ends the waiting, and --wait waits again. Sent a second time, rows with ids are recognised.
            """
    )

    @Argument(help: "Files to import.", completion: .file())
    var files: [String] = []

    @Option(help: ArgumentHelp("Wait for an import that was sent before, by the id that was told.", valueName: "job"))
    var wait: String?

    @Option(help: ArgumentHelp("Have an import end; rows that are stored stay.", valueName: "job"))
    var cancel: String?

    @Flag(name: .customLong("no-wait"), help: "Send the files only, and print the ids of their imports.")
    var onlySends = false

    @Flag(help: "Print JSON, one object a file.")
    var json = false

    @OptionGroup var server: ServerConnection

    func validate() throws {
        let given = [!files.isEmpty, wait != nil, cancel != nil]
        guard given.count(where: { $0 }) == 1 else {
            throw ValidationError("Give files to import, or --wait or --cancel with an id.")
        }
        if onlySends, files.count > 1 {
            throw ValidationError("--no-wait takes one file: an environment imports one at a time.")
        }
    }

    func run() async throws {
        if let cancel {
            _ = try await server.send("DELETE", "/api/sextant/v1/uploads/\(Self.escaped(cancel))")
            return print(
                json ? "{\"job_id\":\(JSONValue.string(cancel).encodedString),\"cancelled\":true}" : "It is cancelled.")
        }
        var missing = 0
        if let wait { missing += try await finish(wait, named: wait) }
        for file in files { missing += try await importFile(file) }
        if missing > 0 {
            throw CommandError("\(missing) rows were not taken; the reasons are above.", .incomplete)
        }
    }

    /// - Returns: how many rows were not taken.
    private func importFile(_ path: String) async throws -> Int {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CommandError("\(path) cannot be read.", .badUse)
        }
        let name = URL(fileURLWithPath: path).lastPathComponent
        let boundary = "sextant-\(UUID().uuidString)"
        var body = Array(
            """
            --\(boundary)\r
            Content-Disposition: form-data; name="file"; filename="\(name.replacing("\"", with: "_"))"\r
            \r

            """.utf8)
        body += content
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        let job = try await JSONValue(
            parsing: server.send(
                "POST", "/v1/imports", contentType: "multipart/form-data; boundary=\(boundary)", body: body))
        guard let id = job["job_id"]?.string else { throw CommandError("The server's answer names no job.") }
        if onlySends {
            print(json ? job.encodedString : id)
            return 0
        }
        return try await finish(id, named: name)
    }

    /// Waits until an import has ended, and tells of it.
    private func finish(_ id: String, named fileName: String) async throws -> Int {
        let name = VisibleText.of(fileName)
        let job = try await Waiting.run(
            sayingWhenInterrupted: """
                The import goes on at the server. To wait for it: sextant import --wait \(id)
                To have it end: sextant import --cancel \(id)
                """
        ) {
            while true {
                let job = try await server.json("GET", "/v1/background_jobs/\(Self.escaped(id))")
                let status = job["status"]?.string ?? ""
                let (done, total) = (job["completed_rows"]?.int64 ?? 0, job["total_rows"]?.int64 ?? 0)
                Waiting.show("\(name): \(status) \(done) of \(total) rows")
                if ["completed", "failed"].contains(status) { return job }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        Waiting.endLine()
        let failed = Int(job["failed_rows"]?.int64 ?? 0)
        if json {
            print(job.encodedString)
        } else {
            for error in job["errors"]?.array ?? [] {
                print("\(name), row \(error["row"]?.int64 ?? 0): \(VisibleText.of(error["message"]?.string ?? ""))")
            }
            for field in job["unknown_fields"]?.array ?? [] {
                let meant = field["did_you_mean"]?.string.map { ", did you mean \($0)?" } ?? ""
                let unknown = VisibleText.of(field["field"]?.string ?? "")
                print("\(name): nothing reads \(unknown), in \(field["rows"]?.int64 ?? 0) rows\(meant)")
            }
        }
        if job["status"]?.string == "failed" { throw CommandError("\(name): \(job["error"]?.string ?? "failed")") }
        if !json {
            let known = job["duplicate_rows"]?.int64 ?? 0
            let new = (job["completed_rows"]?.int64 ?? 0) - known
            print("\(name): \(new) rows imported,\(known > 0 ? " \(known) there already," : "") \(failed) not taken")
        }
        return failed
    }

    /// An id as a part of an address; it is whatever somebody wrote.
    private static func escaped(_ id: String) -> String {
        id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
