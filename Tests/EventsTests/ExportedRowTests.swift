import EventStore
import JSON
import Testing
import Time
import UserpilotAPI

@testable import Events

/// Rows of an export, sent back to `ingestEvents` or imported.
@Suite struct ExportedRowTests {
    private static let rows = [
        """
        {"app_token":"NX-1","event_type":"track","event_name":"Bought","source":"backend-http","user_id":"u","company_id":"",
         "inserted_at":"2025-05-11T07:45:30.123456Z","hostname":null,"pathname":null,"screen_width":null,
         "screen_height":null,"operating_system":null,"browser":null,"browser_language":null,"user_agent":null,
         "device_type":null,"country_code":null,"metadata":{"a":1.50},"session":null,"internal_event_id":"123",
         "referrer":null,"event_id":"0197751d-3a40-7abc-8def-0123456789ab","client_event_id":null,
         "received_at":"2025-05-11T07:45:31.000000Z"}
        """,
        """
        {"app_token":"NX-1","event_type":"identify_company","event_name":"","source":"backend-salesforce","user_id":"",
         "company_id":"c","inserted_at":"2025-05-11T07:45:30.000000Z","hostname":null,"pathname":null,"screen_width":null,
         "screen_height":null,"operating_system":null,"browser":null,"browser_language":null,"user_agent":null,
         "device_type":null,"country_code":null,"metadata":{},"session":null,"internal_event_id":"123",
         "referrer":null,"event_id":"0197751d-3a40-7abc-8def-0123456789ac","client_event_id":"x",
         "received_at":"2025-05-11T07:45:31.000000Z"}
        """,
        """
        {"app_token":"NX-1","event_type":"page_view","event_name":"","source":"web-client","user_id":"u","company_id":"c",
         "inserted_at":"2025-05-11T07:45:30.000001Z","hostname":"example.com","pathname":"/a?b","screen_width":1,
         "screen_height":65535,"operating_system":"macOS","browser":"Safari","browser_language":"en",
         "user_agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4.1 Safari/605.1.15",
         "device_type":"desktop","country_code":"DE","metadata":{},"session":"s","internal_event_id":"123",
         "referrer":"https://r","event_id":"0197751d-3a40-7abc-8def-0123456789ad","client_event_id":null,
         "received_at":"2025-05-11T07:45:31.000000Z"}
        """,
        """
        {"app_token":"NX-1","event_type":"identify_user","event_name":"","source":"backend-segment","user_id":"u",
         "company_id":"c","inserted_at":"2025-05-11T07:45:30.000001Z","metadata":{"plan":null},
         "event_id":"0197751d-3a40-7abc-8def-0123456789ae"}
        """,
        """
        {"app_token":"NX-1","event_type":"session_start","event_name":"","source":"web-client","user_id":"u",
         "company_id":"","inserted_at":"2025-05-11T07:45:30.000001Z","metadata":{},"session":"s","internal_event_id":"1",
         "event_id":"0197751d-3a40-7abc-8def-0123456789af"}
        """,
    ]

    /// The text that an exported row has for a field of the event.
    private static func text(_ field: EventField, _ row: JSONValue) -> String {
        let text = row[field.column]?.string ?? ""
        return text.isEmpty && field == .clientEventID ? row["event_id"]?.string ?? "" : text
    }

    private func expectSame(_ event: EventView, as row: JSONValue) throws {
        #expect(event.type.name == row["event_type"]?.string)
        #expect(event.source.name == row["source"]?.string)
        #expect(event.occurredAt.formatted(.microsecondsUTC) == row["inserted_at"]?.string)
        #expect(event.screenWidth.map(Int64.init) == row["screen_width"]?.int64)
        #expect(event.screenHeight.map(Int64.init) == row["screen_height"]?.int64)
        for field in EventField.allCases where field != .properties {
            #expect(event[field] ?? "" == Self.text(field, row), "\(field)")
        }
        #expect(try JSONValue(parsing: event[.properties] ?? "{}") == row["metadata"])
    }

    @Test(arguments: rows.indices)
    func aRowSentBackIsTheSameEvent(_ index: Int) throws {
        let row = Self.rows[index]
        let call = EventCall(stream: IngestionRig.stream, surface: .sextant, now: IngestionRig.now)
        var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
        try UserpilotEvents().decode(JSONDocument(parsing: row).root, call, derivedEventID: nil, into: &builder)
        let batch = builder.build()
        #expect(batch.count == 1)
        try expectSame(batch[0], as: JSONValue(parsing: row))
    }

    @Test(arguments: rows.indices)
    func aRowOfACSVExportCanBeImported(_ index: Int) throws {
        let row = try JSONValue(parsing: Self.rows[index])
        let members = try #require(row.object?.members)
        func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
        let cells = members.map { _, value in value.isNull ? "" : quoted(value.string ?? value.encodedString) }
        let file = "\(members.map(\.key).joined(separator: ","))\r\n\(cells.joined(separator: ","))\r\n"
        let rows = Array(try UploadedRows(.bytes(Array(file.utf8)), format: .csv, list: ""))
        #expect(rows.count == 1)
        let object = try #require(try rows.first?.result.get())
        try UploadKind.importEvents.check(object)
        var builder = EventBatchBuilder(receivedAt: IngestionRig.now)
        try UploadKind.importEvents.decode(object, into: &builder)
        try expectSame(builder.build()[0], as: row)
    }
}
