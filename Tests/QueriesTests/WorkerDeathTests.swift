import DuckDB
import Foundation
import Logging
import Queries
import TestSupport
import Testing

/// Processes that die before they begin: nothing has happened, so that another one can do it.
@Suite struct WorkerDeathTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A program that kills itself as often as given, and then is the real one.
    private func program(dying count: Int) -> WorkerProgram {
        let real = QueryBench.program
        let script = """
            for number in $(seq \(count)); do
                if [ ! -e "$1/$number" ]; then : > "$1/$number"; kill -ILL $$; fi
            done
            exec "$2" "$3"
            """
        return WorkerProgram(
            path: "/bin/sh", arguments: ["-c", script, "sh", folder.path, real.path] + real.arguments)
    }

    @Test func aQueryIsTriedWithAnotherProcess() async throws {
        let bench = try await QueryBench(program: program(dying: 1))
        #expect(try await bench.rows("select count(*) from events") == "[[700]]")
        #expect(FileManager.default.fileExists(atPath: folder.file("1")))
    }

    @Test func aQueryIsTriedTwiceAndNoMore() async throws {
        let bench = try await QueryBench(program: program(dying: 1_000))
        let failure = try await bench.failure("select 1")
        guard case .unavailable = failure else {
            Issue.record("it gave \(String(describing: failure))")
            return
        }
    }

    @Test func aParquetFileIsReadByAnotherProcess() async throws {
        let source = folder.file("rows.parquet")
        try Database(path: nil).connect().execute(
            "COPY (SELECT 'ann' AS user_id FROM range(3)) TO '\(source)' (FORMAT parquet)")
        let output = folder.file("rows.jsonl")
        try await reader(program(dying: 1)).read(
            parquetAt: source, columns: ["user_id"], into: output, maximumBytes: 1_000)
        #expect(
            try String(contentsOfFile: output, encoding: .utf8)
                == String(repeating: "{\"user_id\":\"ann\"}\n", count: 3))
    }

    @Test func aParquetFileIsNotToBlameForProcessesThatDoNotBegin() async throws {
        let source = folder.file("rows.parquet")
        #expect(FileManager.default.createFile(atPath: source, contents: Data()))
        await #expect {
            try await reader(program(dying: 1_000)).read(
                parquetAt: source, columns: ["user_id"], into: folder.file("rows.jsonl"), maximumBytes: 1_000)
        } throws: { error in
            guard case TableReader.Failure.unavailable = error else { return false }
            return true
        }
    }

    private func reader(_ program: WorkerProgram) throws -> TableReader {
        try TableReader(
            workFolder: folder.file("tables"), program: program,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
