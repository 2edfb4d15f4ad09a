import EventStore
import JSON
import Testing

@testable import Events
@testable import UserpilotAPI

@Suite struct CompanyReferenceTests {
    private let decoder = EventDecoder.sample { $0.typeRule = .fixed(.identifyUser) }

    @Test(arguments: [
        #""company_id": "c""#, #""company": {"company_id": "c"}"#, #""company": {"id": "c"}"#,
        #""company": {"company_id": "c", "id": "other"}"#, #""company": {"company_id": null, "id": "c"}"#,
        #""company": {"company_id": "c"}, "company_id": "other""#, #""company": {}, "company_id": "c""#,
    ])
    func everyFormNamesTheCompany(_ members: String) throws {
        let batch = try decoder.batch(#"{"user_id": "u", \#(members)}"#)
        #expect(batch.count == 1)
        #expect(batch[0][.companyID] == "c")
        #expect(batch[0][.userID] == "u")
    }

    @Test(arguments: [
        #""company": null"#, #""company": {}"#, #""company": []"#, #""company_id": null"#, #""company_id": """#,
        #""company": {}, "company_id": """#, #""company": null, "metadata": null"#, #""metadata": []"#,
        #""company": {"id": ""}"#, #""company": {"company_id": "", "id": null}"#, #""company": "", "metadata": """#,
        #""company": {"id": "", "company_id": ""}, "company_id": """#,
    ])
    func nothingIsNoCompany(_ members: String) throws {
        let event = try decoder.batch(#"{"user_id": "u", \#(members)}"#)[0]
        #expect(event[.companyID] == nil && event[.properties] == nil)
    }

    @Test(arguments: [
        #""company": {"id": null, "company_id": "c"}"#, #""company": {"id": "", "company_id": "c"}"#,
        #""company": {"id": null}, "company_id": "c""#, #""company": {"id": ""}, "company_id": "c""#,
        #""company": "", "company_id": "c""#,
    ])
    func anIdThatIsNothingHidesNoOther(_ members: String) throws {
        #expect(try decoder.batch(#"{"user_id": "u", \#(members)}"#)[0][.companyID] == "c")
    }

    @Test(arguments: [#"{"company_id": null}"#, #"{"id": null}"#, #"{"id": null, "company_id": null}"#])
    func anIdThatIsNullTakesTheUserOut(_ company: String) throws {
        let text = #"{"user_id": "u", "company": \#(company)}"#
        #expect(try decoder.batch(text)[0][.companyID] == "")
        // Other events say nothing about where their user belongs.
        let track = try EventDecoder.sample().batch(#"{"event_name": "e", "user_id": "u", "company": \#(company)}"#)
        #expect(track[0][.companyID] == nil)
    }

    @Test func propertiesOfNobodyAreRefused() throws {
        for company in [#"{"name": "Acme"}"#, #"{"id": null, "name": "Acme"}"#, #"{"id": "", "name": "Acme"}"#] {
            let rejection = try decoder.rejection(#"{"user_id": "u", "company": \#(company)}"#)
            #expect(rejection?.field == "company.company_id")
        }
    }

    @Test func aCompanysOwnPropertiesBecomeAnEventOfItsOwn() throws {
        let batch = try decoder.batch(
            """
            {"user_id": "u", "metadata": {"plan": "pro"}, "inserted_at": "2025-05-01", "event_id": "e-1",
             "company": {"id": "c", "name": "Acme \\"Ltd\\"", "tags": ["a", {"b": null}], "size": 1.50}}
            """)
        #expect(batch.count == 2)
        let company = batch[0]
        #expect(company.type == .identifyCompany)
        #expect(company[.companyID] == "c")
        #expect(company[.userID] == nil)
        #expect(company.occurredAt == batch[1].occurredAt)
        let properties = try JSONValue(parsing: company[.properties] ?? "")
        #expect(properties == ["name": "Acme \"Ltd\"", "tags": ["a", ["b": .null]], "size": 1.5])
        let document = try JSONDocument(parsing: company[.properties] ?? "")
        #expect(company.propertyShape == PropertyShape.of(document.root))
        #expect(company[.clientEventID] != nil)
        #expect(company[.clientEventID] != batch[1][.clientEventID])
        #expect(batch[1].type == .identifyUser)
        #expect(batch[1][.companyID] == "c")
        #expect(batch[1][.properties] == #"{"plan": "pro"}"#)
    }

    @Test func otherEventsKeepOnlyTheCompanysId() throws {
        let batch = try EventDecoder.sample().batch(
            #"{"event_name": "e", "user_id": "u", "company": {"id": "c", "name": "Acme"}}"#)
        #expect(batch.count == 1)
        #expect(batch[0][.companyID] == "c")
        #expect(batch[0][.properties] == nil)
    }

    @Test func aCompanysPropertiesKeepTheLimitsToo() throws {
        let members = (0..<501).map { #""p\#($0)": 1"# }.joined(separator: ", ")
        #expect(
            try decoder.rejection(#"{"user_id": "u", "company": {"id": "c", \#(members)}}"#)?.reason
                == .tooManyProperties)
        let name = String(repeating: "n", count: 256)
        let rejection = try decoder.rejection(#"{"user_id": "u", "company": {"id": "c", "\#(name)": 1}}"#)
        #expect(rejection?.reason == .tooLong)
        #expect(rejection?.field.hasPrefix("company.") == true)
    }

    @Test func companiesIdentifyThemselves() throws {
        let decoder = EventDecoder.sample { $0.typeRule = .fixed(.identifyCompany) }
        let event = try decoder.batch(#"{"company_id": "c", "metadata": {"name": "Acme"}}"#)[0]
        #expect(event.type == .identifyCompany)
        #expect(event[.companyID] == "c")
        #expect(event[.userID] == nil)
        // Exported rows carry an empty user.
        #expect(try decoder.batch(#"{"company_id": "c", "user_id": ""}"#)[0][.userID] == nil)
        #expect(try decoder.rejection(#"{"company_id": ""}"#)?.field == "company_id")
        #expect(try decoder.rejection("{}")?.field == "company_id")
    }
}
