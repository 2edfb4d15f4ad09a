import Foundation
import StoreTestSupport
import Testing
import Time

@testable import ControlStore

struct RowReadTests {
    private func withRow(_ columns: String, _ body: (Row) throws -> Void) throws {
        try TemporaryStore().store.blockingWrite { database in
            try body(try #require(try database.row(sql: "SELECT \(columns)")))
        }
    }

    private func expect<Value: Equatable>(_ read: Value, _ wanted: Value) { #expect(read == wanted) }

    @Test func readsWhatIsThere() throws {
        try withRow("NULL AS a, 'text' AS b, 3 AS c, 3000000 AS d") { row in
            expect(try row.read("a", as: Int64?.self), nil)
            expect(try row.read("a", as: Timestamp?.self), nil)
            expect(try row.read("b", as: String.self), "text")
            expect(try row.read(at: 1, as: String.self), "text")
            expect(try row.read("c", as: Int64?.self), 3)
            expect(try row.read(at: 2, as: Int.self), 3)
            expect(try row.read("d", as: Timestamp.self), Timestamp(seconds: 3))
            expect(try row.read("none", as: String?.self), nil)
        }
    }

    @Test func whatIsOfAnotherTypeThrowsAndTheRowStaysUntold() throws {
        try withRow("NULL AS a, 'secret' AS b, x'ff' AS c") { row in
            let reads: [() throws -> Void] = [
                { _ = try row.read("a", as: String.self) }, { _ = try row.read("a", as: Timestamp.self) },
                { _ = try row.read(at: 0, as: Int64.self) }, { _ = try row.read("b", as: Int64.self) },
                { _ = try row.read("b", as: Int64?.self) }, { _ = try row.read("b", as: Timestamp?.self) },
                { _ = try row.read(at: 1, as: Timestamp.self) }, { _ = try row.read("c", as: String.self) },
                { _ = try row.read("none", as: Int64.self) },
            ]
            for read in reads {
                let error = #expect(throws: UnreadableColumn.self) { try read() }
                #expect(error?.description.contains("secret") == false)
            }
        }
    }

    @Test func argumentsComeByPlaceAndByName() throws {
        try TemporaryStore().store.blockingWrite { database in
            let named = try #require(
                try database.row(sql: "SELECT :b, :a, :b, :c", arguments: ["a": 1, "b": "two", "c": nil] + ["a": 3]))
            expect(try named.read(at: 0), "two")
            expect(try named.read(at: 1), 3)
            expect(try named.read(at: 2), "two")
            expect(try named.read(at: 3, as: Int?.self), nil)
            expect(try database.value(Int.self, sql: "SELECT ?2 - ?1", arguments: [3] + [5]), 2)
        }
    }

    @Test func valuesComeBackAsTheyWent() throws {
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .real(-0.25), .text(""), .text("e\u{301} \u{1F680}"), .text("a\0b"),
            .bytes(Data()), .bytes(Data([0, 255])),
        ]
        try TemporaryStore().store.blockingWrite { database in
            let marks = values.map { _ in "?" }.joined(separator: ", ")
            // Kept and used again, as most are.
            for _ in 1...2 {
                let found = try database.row(prepared: "SELECT \(marks)", arguments: Arguments(values))
                #expect(found?.columns.map(\.value) == values)
            }
            for value in values {
                #expect(try database.value(SQLValue.self, sql: "SELECT ?", arguments: [value]) ?? .null == value)
                #expect(try database.values(SQLValue.self, sql: "SELECT ?", arguments: [value]) == [value])
            }
            #expect(try database.value(String.self, sql: "SELECT hex(?)", arguments: ["a\0b"]) == "610062")
        }
    }

    @Test func everyParameterHasItsValue() throws {
        try TemporaryStore().store.blockingWrite { database in
            let wrong: [Arguments] = [[], [1], [1, 2, 3], ["b": 1], [1, 2] + ["b": 1]]
            for arguments in wrong {
                #expect(throws: StoreError.self) { try database.row(prepared: "SELECT ?, :b", arguments: arguments) }
            }
            // What was given before is no argument of the next.
            expect(try #require(try database.row(prepared: "SELECT ?, :b", arguments: [1, 2])).read(at: 1), 2)
            #expect(throws: StoreError.self) { try database.row(prepared: "SELECT ?, :b", arguments: [1]) }
            expect(try #require(try database.row(prepared: "SELECT ?, :b", arguments: [3] + ["b": 4])).read(at: 1), 4)
        }
    }

    @Test func aStatementThatFailedIsRunAgain() throws {
        try TemporaryStore().store.blockingWrite { database in
            try database.run(script: "CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE)")
            let insert = try database.prepare("INSERT INTO numbers (number) VALUES (?) RETURNING number")
            for number in 1...3 {
                #expect(throws: StoreError.self) { try insert.execute(arguments: [nil]) }
                #expect(throws: StoreError.self) { try insert.value(Int.self, arguments: [nil]) }
                #expect(try insert.value(Int.self, arguments: [number]) == number)
                #expect(throws: StoreError.self) { try insert.rows(arguments: [number]) }
            }
            #expect(try database.values(Int.self, sql: "SELECT number FROM numbers ORDER BY number") == [1, 2, 3])
        }
    }

    /// Some are come across every few seconds.
    @Test func aRowThatCannotBeReadIsToldOfOnce() throws {
        try TemporaryStore().store.blockingWrite { database in
            let rows = try database.rows(sql: "SELECT 1 AS id, 'x' AS a UNION ALL SELECT 2, 'y'")
            let nameless = try database.rows(sql: "VALUES ('x'), ('y')")
            func told(_ row: Row, _ column: String = "a") -> Bool {
                UnreadableRows.note(row, kind: "of this test", UnreadableColumn(column, Int64.self))
            }
            #expect(told(rows[0]) && told(rows[1]) && told(rows[1], "b"))
            #expect(!told(rows[0]) && !told(rows[1]))
            #expect(told(nameless[0]) && !told(nameless[1]))
        }
    }

    /// Lists end where fewer come than were asked for.
    @Test(arguments: 1...7) func pagesAreMadeUpForWhatCannotBeRead(limit: Int) throws {
        try TemporaryStore().store.blockingWrite { database in
            func page(behind id: Int64) throws -> [Int64] {
                try Row.page(of: "number of pages", behind: id, limit: limit, as: { try $0.read("a", as: Int64.self) })
                {
                    try database.rows(
                        sql: """
                            WITH numbers (id, a) AS (VALUES (1, 'x'), (2, 2), (3, NULL), (4, 'y'), (5, 5), (6, 6), (7, 'z'))
                            SELECT id, a FROM numbers WHERE id > ? ORDER BY id LIMIT ?
                            """, arguments: [$0, $1])
                }
            }
            var read: [Int64] = []
            var found: [Int64]
            repeat {
                found = try page(behind: read.last ?? 0)
                #expect(found.count <= limit)
                read += found
            } while found.count == limit
            #expect(read == [2, 5, 6])
        }
    }

    @Test func rowsThatCannotBeReadHideNoOthers() throws {
        try TemporaryStore().store.blockingWrite { database in
            let rows = try database.rows(sql: "VALUES (1), (NULL), ('x'), (4), (5)")
            let read = rows.readable("number") { row -> Int64? in
                let number: Int64 = try row.read(at: 0)
                return number == 4 ? nil : number
            }
            #expect(read == [1, 5])
        }
    }
}
