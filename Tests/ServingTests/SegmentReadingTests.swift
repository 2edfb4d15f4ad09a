import JSON
import Testing

@testable import Serving

@Suite struct SegmentReadingTests {
    private func read(_ text: String) throws -> (members: JSONValue, leftOut: [TrackedValue]) {
        var leftOut: [TrackedValue] = []
        let segments = VisitorSegments(reading: try JSONDocument(parsing: text).root) { leftOut.append($0) }
        return (.object(segments.members), leftOut)
    }

    @Test(arguments: ["[]", "{}", "null", #"{"country": null, "browser": "", "devices": []}"#])
    func nothingIsNothing(_ text: String) throws {
        let (members, leftOut) = try read(text)
        #expect(members == [:] && leftOut.isEmpty)
    }

    @Test(arguments: [
        (#"{"country": "United States"}"#, #"{"country": "US"}"#), (#"{"country": "de"}"#, #"{"country": "DE"}"#),
        (#"{"country": "USA"}"#, #"{"country": "US"}"#), (#"{"country": "UK"}"#, #"{"country": "GB"}"#),
        (#"{"country": "Türkiye"}"#, #"{"country": "TR"}"#), (#"{"country": "cote d’ivoire"}"#, #"{"country": "CI"}"#),
        (#"{"country": "Bosnia and Herzegovina"}"#, #"{"country": "BA"}"#),
        (#"{"browser": "chrome"}"#, #"{"browser": "CH"}"#), (#"{"browser": "Chrome 120.0"}"#, #"{"browser": "CH"}"#),
        (#"{"browser": "Microsoft Edge"}"#, #"{"browser": "EDG"}"#), (#"{"browser": "EDG"}"#, #"{"browser": "EDG"}"#),
        (#"{"browser": "Brave"}"#, #"{"browser": "OTH"}"#), (#"{"browser": "SF"}"#, #"{"browser": "SF"}"#),
        (#"{"devices": "mobile"}"#, #"{"devices": ["ALLPH"]}"#), (#"{"devices": "DESK"}"#, #"{"devices": ["DESK"]}"#),
        (#"{"devices": ["iPhone"]}"#, #"{"devices": ["ALLPH", "IPH"]}"#),
        (#"{"devices": ["IPAD"]}"#, #"{"devices": ["IPAD"]}"#),
        (#"{"devices": "ALLPH,IPH"}"#, #"{"devices": ["ALLPH", "IPH"]}"#),
        (#"{"campaign": 123}"#, #"{"campaign": "123"}"#), (#"{"campaign": 1.50}"#, #"{"campaign": "1.5"}"#),
        (#"{"visitorType": "Returning"}"#, #"{"visitorType": "returning"}"#),
        (#"{"custom_segments": ["4"], "visitor_type": "new"}"#, #"{"customSegments": ["4"], "visitorType": "new"}"#),
        (
            #"{"ctry": "RO", "cust": [123], "new": 0}"#,
            #"{"country": "RO", "customSegments": ["123"], "visitorType": "returning"}"#
        ),
        (#"{"source": ["organic"]}"#, #"{"source": "search"}"#),
        (#"{"customSegments": [5, "6"]}"#, #"{"customSegments": ["5", "6"]}"#),
    ])
    func wordsBecomeCodes(_ sent: String, _ kept: String) throws {
        let (members, leftOut) = try read(sent)
        #expect(members == (try JSONDocument(parsing: kept).root.value) && leftOut.isEmpty, "\(sent)")
    }

    @Test(arguments: [
        (#"{"visitorType": "vip"}"#, TrackedValue.visitorType), (#"{"country": "Atlantis"}"#, .country),
        (#"{"country": 5}"#, .country), (#"{"devices": ["toaster"]}"#, .devices), (#"{"devices": {"a": 1}}"#, .devices),
        (#"{"campaign": {}, "browser": true}"#, .browser), (#"{"customSegments": ["x"]}"#, .customSegments),
        (#"{"plan": "pro"}"#, .segments), (#""US""#, .segments), ("[1]", .segments), (#"{"source": "moon"}"#, .source),
    ])
    func whatIsNoneIsLeftOutAndTold(_ sent: String, _ value: TrackedValue) throws {
        let (members, leftOut) = try read(sent)
        #expect(members == [:] && leftOut.contains(value), "\(sent)")
    }

    @Test func theRestOfAListStays() throws {
        let (members, leftOut) = try read(#"{"devices": ["tablet", "toaster", 5], "country": "FR"}"#)
        #expect(members == ["devices": ["ALLTAB"], "country": "FR"] && leftOut == [.devices, .devices])
    }

    @Test func whatIsCutIsTold() throws {
        let ids = (1...150).map { "\"\($0)\"" }.joined(separator: ",")
        let (members, leftOut) = try read("{\"customSegments\": [\(ids)]}")
        #expect(members["customSegments"]?.array?.count == 100)
        #expect(leftOut == Array(repeating: .customSegments, count: 50))
        for (length, isCut) in [(255, false), (256, true)] {
            let (members, leftOut) = try read("{\"campaign\": \"\(String(repeating: "é", count: length))\"}")
            #expect(members["campaign"]?.string?.count == 255 && leftOut == (isCut ? [.campaign] : []))
        }
        let (one, others) = try read(#"{"browser": ["CH", "FF", "SF"]}"#)
        #expect(one == ["browser": "CH"] && others == [.browser, .browser])
    }

    @Test func codesAreWhatTheyWere() {
        for code in ["IE", "CH", "FF", "OP", "SF", "OTH", "EDG", "MO", "NS"] {
            #expect(SegmentWords.browser(code) == code)
            #expect(VisitorSegments(JSONObject([("browser", .string(code))])).members["browser"] == .string(code))
        }
        for code in SegmentWords.deviceCodes { #expect(SegmentWords.devices(code) == [code]) }
        for code in SegmentWords.sourceCodes { #expect(SegmentWords.source(code) == code) }
    }

    @Test(arguments: [
        ("12.50", 12.5), (" 12.5\n", 12.5), ("\u{A0}3", 3), ("+3", 3), ("-3.", -3), (".5", 0.5), ("1e2", 100),
        ("1E-2", 0.01),
    ])
    func amountsAreDecimalNumbers(_ text: String, _ number: Double) {
        #expect(DecimalText.number(text) == number)
    }

    @Test(arguments: ["12,50", "0x10", "", " ", "nan", "inf", "1e", ".", "1e400", "1 2", "--1", "5€", "1_000", "٣"])
    func anythingElseIsNone(_ text: String) {
        #expect(DecimalText.number(text) == nil)
    }
}
