import ArgumentParser
import Foundation
import JSON

/// `sextant import`: sends files of historic events to the running server and waits until they are stored.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import files of historic events into the running server, one after the other.",
        discussion: """
            Files are NDJSON, CSV, JSON, Parquet or Avro, packed with gzip or not, such as those of an export. Rows have the \
            fields of ImportRow in the Userpilot contract, see /docs. A file may be up to 50 MB.
            """
    )

    @Argument(help: "Files to import.", completion: .file())
    var files: [String]

    @OptionGroup var server: ServerConnection

    func run() async throws {
        var failed = 0
        for file in files { failed += try await importFile(file) }
        if failed > 0 { throw ExitCode(1) }
    }

    /// - Returns: how many rows were not taken.
    private func importFile(_ path: String) async throws -> Int {
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
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
        var job = try await JSONValue(
            parsing: server.send(
                "POST", "/v1/imports", contentType: "multipart/form-data; boundary=\(boundary)", body: body))
        guard let id = job["job_id"]?.string else { throw ValidationError("The server's answer names no job.") }
        while !["completed", "failed"].contains(job["status"]?.string) {
            try await Task.sleep(for: .milliseconds(500))
            job = try await JSONValue(parsing: server.send("GET", "/v1/background_jobs/\(id)"))
            let done = job["completed_rows"]?.int64 ?? 0
            let total = job["total_rows"]?.int64 ?? 0
            FileHandle.standardError.write(
                Data("\r\(name): \(job["status"]?.string ?? "") \(done) of \(total) rows".utf8))
        }
        FileHandle.standardError.write(Data("\n".utf8))
        for error in job["errors"]?.array ?? [] {
            print("\(name), row \(error["row"]?.int64 ?? 0): \(error["message"]?.string ?? "")")
        }
        if job["status"]?.string == "failed" { throw ValidationError("\(name): \(job["error"]?.string ?? "failed")") }
        let failed = Int(job["failed_rows"]?.int64 ?? 0)
        print("\(name): \(job["completed_rows"]?.int64 ?? 0) rows imported, \(failed) not taken")
        return failed
    }
}
