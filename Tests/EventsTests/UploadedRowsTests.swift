import EventStore
import JSON
import Testing

@testable import Events

@Suite struct UploadedRowsTests {
    private func rows(_ text: String, _ format: UploadedRows.Format, list: String = "users") throws -> [(Int, String?)]
    {
        try UploadedRows(.bytes(Array(text.utf8)), format: format, list: list).map { row in
            (row.number, (try? row.result.get())?.rawText)
        }
    }

    @Test func aJSONListCountsItsElements() throws {
        let rows = try rows(#"{"other": [9], "users": [{"a": 1}, 2, null]}"#, .json)
        #expect(rows.map(\.0) == [1, 2, 3])
        #expect(rows.map(\.1) == [#"{"a": 1}"#, "2", "null"])
        #expect(try self.rows(#"{"users": []}"#, .json).isEmpty)
    }

    @Test(arguments: ["", "{", "{}", #"{"users": {}}"#, #"{"users": null}"#, #"{"companies": []}"#, "\u{0}"])
    func otherJSONIsRefusedAsAWhole(_ text: String) {
        #expect(throws: EventRejection.self) { try rows(text, .json) }
    }

    @Test func anArrayIsAListToo() throws {
        let rows = try rows("\u{FEFF} [{\"a\": 1},\n2]", .json)
        #expect(rows.map(\.1) == [#"{"a": 1}"#, "2"])
    }

    @Test func aBadLineSpoilsNoOther() throws {
        let rows = try rows("{\"a\":1}\n\n{oops\r\n{\"a\":2}", .ndjson)
        #expect(rows.map(\.0) == [1, 3, 4])
        #expect(rows.map(\.1) == [#"{"a":1}"#, nil, #"{"a":2}"#])
    }

    @Test func aBadElementSpoilsNoOther() throws {
        let rows = try rows(#"{"users": [{"a": 1}, {"a": "\u0000"}, {"a": 1e400}, {"a": 2, "a": 3}, {"a": 4}]}"#, .json)
        #expect(rows.map(\.0) == [1, 2, 3, 4, 5])
        #expect(rows.map(\.1) == [#"{"a": 1}"#, nil, nil, nil, #"{"a": 4}"#])
    }

    /// As far as the list, all is counted; more values than one text may have are no more than one list may have.
    @Test func aListMayHoldAsManyValuesAsItsRows() throws {
        let user = #"{"user_id":"a","metadata":{\#((0..<110).map { "\"p\($0)\":1" }.joined(separator: ","))}}"#
        let text = #"{"users":[\#(repeatElement(user, count: 9_500).joined(separator: ","))]}"#
        let source = UploadSource.bytes(Array(text.utf8))
        #expect(try UploadedRows.Format(of: source, kind: .bulkUsers, fileName: "blob") == .json)
        #expect(try UploadedRows(source, format: .json, list: "users").count(upTo: 10_000) == 9_500)
    }

    @Test func rowsAreCountedUpToOneTooMany() throws {
        for (format, text) in [(UploadedRows.Format.ndjson, "1\n2\n3"), (.csv, "a\n1\n2\n3"), (.json, "[1,2,3]")] {
            let rows = try UploadedRows(.bytes(Array(text.utf8)), format: format, list: "users")
            #expect(try [0, 1, 2, 3, 4].map { try rows.count(upTo: $0) } == [1, 2, 3, 3, 3])
        }
        let cut = UploadSourceTests.gzip(Array("{}\n{}\n".utf8)).dropLast(9)
        let rows = try UploadedRows(.bytes(Array(cut)), format: .ndjson, list: "users")
        #expect(throws: EventRejection.self) { try rows.count(upTo: 10) }
    }

    @Test func columnsOfNoEventArePassedOver() throws {
        let text = Array("user_id,note\na,x\nb,".utf8) + [0xFF, 0x0A]
        let rows = try UploadedRows(.bytes(text), format: .csv, list: "").map { try $0.result.get().rawText }
        #expect(rows == [#"{"user_id":"a"}"#, #"{"user_id":"b"}"#])
    }

    @Test func rowsCanBeReadAgain() throws {
        for (format, text) in [
            (UploadedRows.Format.json, #"{"users":[1,2,3]}"#), (.ndjson, "1\n2\n3"), (.csv, "a\n1\n2\n3"),
        ] {
            let rows = try UploadedRows(.bytes(Array(text.utf8)), format: format, list: "users")
            #expect(rows.reduce(0) { count, _ in count + 1 } == 3)
            #expect(rows.dropFirst(2).map(\.number) == Array(rows.map(\.number).suffix(1)))
        }
    }

    @Test func cellsBecomeMembers() throws {
        let rows = try rows(
            """
            user_id,metadata,screen_width,screen_height,empty
            007,"{""a"": ""x,y""}",1920,wide,
            """, .csv)
        #expect(
            rows.map(\.1) == [#"{"user_id":"007","metadata":{"a": "x,y"},"screen_width":1920,"screen_height":"wide"}"#])
    }

    @Test func cellsThatCannotBecomeMembersAreRefusedAlone() throws {
        let text =
            Array("user_id,metadata\na,[1]\nb,{oops\nc,3\nd,{}\n".utf8) + [0xFF, 0x2C, 0x0A]
            + Array("\u{0},\nf,\n".utf8)
        let rows = try UploadedRows(.bytes(text), format: .csv, list: "").map { row -> (Int, String?) in
            switch row.result {
            case .success: (row.number, nil)
            case .failure(let rejection): (row.number, rejection.field)
            }
        }
        #expect(rows.map(\.0) == [2, 3, 4, 5, 6, 7, 8])
        #expect(rows.map(\.1) == ["metadata", "metadata", "metadata", nil, "user_id", rows[5].1, nil])
        #expect(rows[5].1 != nil)
    }
}

@Suite struct UploadKindTests {
    private func rejection(_ json: String, _ kind: UploadKind = .importEvents) throws -> EventRejection? {
        let document = try JSONDocument(parsing: json)
        do throws(EventRejection) {
            try kind.check(document.root)
            var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
            try kind.decode(document.root, into: &builder)
        } catch {
            return error
        }
        return nil
    }

    static let web = #""event_type": "page_view", "user_id": "u", "inserted_at": "2025-01-01", "source": "web-client""#

    static let imports: [(json: String, field: String?)] = [
        (
            #"{"event_type": "track", "event_name": "e", "user_id": "u", "source": "backend-http", "inserted_at": "2025-01-01"}"#,
            nil
        ),
        (#"{"event_type": "track", "event_name": "e", "user_id": "u", "source": "backend-http"}"#, "inserted_at"),
        (
            #"{"event_type": "track", "event_name": "e", "user_id": "u", "source": "backend-http", "inserted_at": null}"#,
            "inserted_at"
        ),
        (
            #"{"event_type": "track", "event_name": "e", "user_id": "u", "source": "backend-http", "inserted_at": ""}"#,
            "inserted_at"
        ),
        (#"{"event_type": "track", "event_name": "e", "user_id": "u", "inserted_at": "2025-01-01"}"#, "source"),
        (#"{"event_name": "e", "user_id": "u", "source": "backend-http", "inserted_at": "2025-01-01"}"#, "event_type"),
        (
            #"{"event_type": "interaction", "event_name": "e", "user_id": "u", "source": "backend-http", "inserted_at": "2025-01-01"}"#,
            nil
        ),
        (
            #"{"event_type": "session_start", "user_id": "u", "source": "backend-http", "inserted_at": "2025-01-01"}"#,
            nil
        ),
        (#"{"event_type": 5, "user_id": "u", "source": "backend-http", "inserted_at": "2025-01-01"}"#, "event_type"),
        (
            #"{"event_type": "identify_company", "company_id": "c", "source": "backend-http", "inserted_at": "2025-01-01"}"#,
            nil
        ),
        ("{\(web)}", "hostname"), ("{\(web), \"app_token\": \"NX-1\", \"internal_event_id\": \"1\"}", nil),
        ("{\(web), \"app_token\": \"NX-1\"}", "hostname"), ("{\(web), \"internal_event_id\": \"1\"}", "hostname"),
        ("{\(web), \"hostname\": \"h\", \"user_agent\": \"x\"}", "hostname"),
        ("{\(web), \"url\": \"https://h/p\"}", "user_agent"),
        ("{\(web), \"url\": \"https://h/p\", \"user_agent\": \"\"}", "user_agent"),
        ("{\(web), \"url\": \"https://h/p\", \"user_agent\": \"x\"}", nil),
        ("{\(web), \"hostname\": \"h\", \"pathname\": \"/\", \"user_agent\": \"x\"}", nil),
        ("[]", ""),
    ]

    @Test(arguments: imports.indices)
    func importsAskForMore(_ index: Int) throws {
        let (json, field) = Self.imports[index]
        #expect(try rejection(json)?.field == field, "\(json)")
    }

    @Test func bulkRowsAreIdentifyCalls() throws {
        #expect(try rejection(#"{"user_id": "u", "metadata": {"a": 1}}"#, .bulkUsers) == nil)
        #expect(try rejection(#"{"metadata": {"a": 1}}"#, .bulkUsers)?.field == "user_id")
        #expect(try rejection(#"{"company_id": "c", "metadata": {"a": 1}}"#, .bulkCompanies) == nil)
        #expect(try rejection(#"{"company": {"id": "c"}}"#, .bulkCompanies) == nil)
        #expect(try rejection(#"{"user_id": "u"}"#, .bulkCompanies)?.field == "company_id")
        // No profile may be hidden behind another type.
        let document = try JSONDocument(parsing: #"{"event_type": "track", "event_name": "e", "user_id": "u"}"#)
        var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
        try UploadKind.bulkUsers.decode(document.root, into: &builder)
        #expect(builder.build()[0].type == .identifyUser)
    }
}
