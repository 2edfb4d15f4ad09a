import DuckDB
import Foundation
import TestSupport
import Testing

@Suite struct ConnectionTests {
    @Test func runsEveryStatementOfATextAndNoneOfAnEmptyOne() throws {
        let connection = try memory()
        try connection.execute(
            "CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2); -- two\n INSERT INTO t VALUES (3);")
        try connection.execute("")
        try connection.execute(" -- nothing\n")
        #expect(try connection.integer("SELECT sum(a) FROM t") == 6)
    }

    @Test func statementsBeforeAFailingOneHaveHappened() throws {
        let connection = try memory()
        #expect(failure { try connection.execute("CREATE TABLE t(a INT); INSERT INTO absent VALUES (1)") } == .catalog)
        #expect(try connection.integer("SELECT count(*) FROM t") == 0)
    }

    @Test func reportsRowsChanged() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(a INT)")
        #expect(try connection.execute("INSERT INTO t SELECT range FROM range(10)", []) == 10)
        #expect(try connection.execute("UPDATE t SET a = a + 1 WHERE a < ?", [4]) == 4)
        #expect(try connection.execute("DELETE FROM t", []) == 10)
        #expect(try connection.execute("CREATE TABLE u(a INT)", []) == 0)
    }

    @Test func errorsHaveTheirKind() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(a INT NOT NULL CHECK (a > 0))")
        #expect(failure { try connection.execute("SELEC 1") } == .parser)
        #expect(failure { try connection.execute("SELECT b FROM t") } == .binder)
        #expect(failure { try connection.execute("SELECT * FROM absent") } == .catalog)
        #expect(failure { try connection.execute("INSERT INTO t VALUES (NULL)") } == .constraint)
        #expect(failure { try connection.execute("INSERT INTO t VALUES (-1)") } == .constraint)
        #expect(failure { try connection.execute("SELECT 'x'::INT") } == .conversion)
        #expect(failure { try connection.execute("SELECT 200::TINYINT + 100::TINYINT") } == .conversion)
        #expect(failure { try connection.execute("SELECT 9223372036854775807 + 1") } == .outOfRange)
        #expect(failure { try connection.execute("COPY t TO '/nowhere/t.csv'") } == .io)
        #expect(failure { try connection.execute("SELECT 1; COMMIT") } == .transaction)
        #expect(failure { try connection.execute("SELECT ?", []) } == .misuse)
        #expect(failure { try connection.execute("SELECT 1", [1]) } == .misuse)
        #expect(failure { try connection.execute("SELECT 1; SELECT 2", []) } == .invalidInput)
        #expect(try connection.integer("SELECT 1") == 1)
    }

    @Test func unknownSettingAndUnusableFileAreRefused() throws {
        let folder = try TemporaryFolder()
        #expect(failure { _ = try Database(path: nil, settings: ["no_such_setting": "1"]) } != nil)
        #expect(failure { _ = try Database(path: nil, settings: ["memory_limit": "plenty"]) } == .invalidInput)
        #expect(failure { _ = try Database(path: "/nowhere/x.db") } == .io)
        try String(repeating: "no database ", count: 1000).write(
            toFile: folder.file("text.db"), atomically: true, encoding: .utf8)
        #expect(failure { _ = try Database(path: folder.file("text.db")) } == .io)
    }

    @Test func settingsAreInForce() throws {
        let connection = try memory(["threads": "1", "memory_limit": "64MB"])
        #expect(try connection.text("SELECT current_setting('threads')") == "1")
        #expect(try connection.text("SELECT current_setting('memory_limit')")?.contains("61.0 MiB") == true)
    }

    @Test func committedRowsSurviveReopening() throws {
        let folder = try TemporaryFolder()
        do {
            let connection = try Database(path: folder.file("a.db")).connect()
            try connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(1000)")
        }
        #expect(try Database(path: folder.file("a.db")).connect().integer("SELECT count(*) FROM t") == 1000)
    }

    @Test func transactionCommitsAndRollsBack() throws {
        struct Refusal: Error {}
        let connection = try memory()
        try connection.execute("CREATE TABLE t(a INT)")
        let inserted = try connection.transaction { try connection.execute("INSERT INTO t VALUES (1), (2)", []) }
        #expect(inserted == 2)
        #expect(throws: Refusal.self) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (3)")
                throw Refusal()
            }
        }
        #expect(throws: DuckDBError.self) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (4)")
                try connection.execute("INSERT INTO t VALUES ('x')")
            }
        }
        #expect(try connection.integer("SELECT count(*) FROM t") == 2)
        #expect(failure { try connection.transaction { try connection.transaction {} } } == .transaction)
        try connection.transaction { try connection.execute("INSERT INTO t VALUES (5)") }
        #expect(try connection.integer("SELECT count(*) FROM t") == 3)
    }

    @Test func conflictingCommitIsRefusedAndTheConnectionGoesOn() throws {
        let database = try Database(path: nil)
        let (one, two) = (try database.connect(), try database.connect())
        try one.execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1)")
        #expect(
            failure {
                try one.transaction {
                    try one.execute("UPDATE t SET a = 2")
                    try two.execute("UPDATE t SET a = 3")
                }
            } == .transaction)
        #expect(try one.integer("SELECT a FROM t") == 1)
        try two.execute("UPDATE t SET a = 3")
        #expect(try one.integer("SELECT a FROM t") == 3)
    }

    @Test func readsSeeCommittedRowsWhileAnotherConnectionWrites() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.db"))
        try database.connect().execute("CREATE TABLE t(a BIGINT)")
        let group = DispatchGroup()
        let writes = 200
        DispatchQueue.global().async(group: group) {
            guard let writer = try? database.connect() else { return }
            for number in 0..<writes {
                _ = try? writer.transaction {
                    try writer.execute("INSERT INTO t SELECT ? FROM range(50)", [.int64(Int64(number))])
                }
            }
        }
        let reader = try database.connect()
        var seen: Int64 = 0
        var reads = 0
        while group.wait(timeout: .now()) == .timedOut || reads == 0 {
            let count = try reader.integer("SELECT count(*) FROM t") ?? -1
            #expect(count % 50 == 0)
            #expect(count >= seen)
            seen = count
            reads += 1
        }
        #expect(try reader.integer("SELECT count(*) FROM t") == Int64(writes * 50))
        #expect(reads > 1)
    }

    @Test func memoryLimitIsReportedAndTheConnectionSurvives() throws {
        let connection = try memory(["memory_limit": "40MB", "threads": "1", "max_temp_directory_size": "0B"])
        let greedy = "SELECT list(range) FROM range(50000000)"
        #expect(failure { while try connection.query(greedy).next() != nil {} } == .outOfMemory)
        #expect(try connection.integer("SELECT 42") == 42)
    }

    @Test func interruptFromAnotherThreadStopsTheStatement() throws {
        let connection = try memory()
        let stop = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            while stop.wait(timeout: .now() + 0.02) == .timedOut { connection.interrupt() }
        }
        #expect(
            failure { try connection.execute("SELECT count(*) FROM range(10000000) a, range(10000000) b") }
                == .interrupted)
        stop.signal()
        #expect(try connection.integer("SELECT 42") == 42)
    }

    @Test func interruptStopsRowsBeingStreamed() throws {
        let connection = try memory()
        let rows = try connection.query("SELECT a.range FROM range(1000000) a, range(1000000) b")
        #expect(try rows.next() != nil)
        connection.interrupt()
        #expect(failure { while try rows.next() != nil {} } == .interrupted)
        #expect(try connection.integer("SELECT 42") == 42)
    }

    @Test func progressIsReported() async throws {
        let connection = try memory(["threads": "1"])
        try connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(3000000)")
        #expect(connection.progress == nil)
        try connection.trackProgress()
        let finished = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            try? connection.execute("SELECT count(DISTINCT md5(a::VARCHAR)) FROM t")
            finished.signal()
        }
        var seen: [Double] = []
        while finished.wait(timeout: .now() + 0.01) == .timedOut {
            if let progress = connection.progress { seen.append(progress.percentage) }
        }
        #expect(seen.contains { $0 > 0 && $0 <= 100 })
        #expect(seen.allSatisfy { (0...100).contains($0) })
    }
}
