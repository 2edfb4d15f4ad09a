import JSON
import Testing

@Suite struct JSONNumberTests {
    @Test(arguments: [
        ("0", JSONKind.integer), ("-1", .integer), ("9223372036854775807", .integer),
        ("-9223372036854775808", .integer),
        ("9223372036854775808", .unsigned), ("18446744073709551615", .unsigned),
        ("18446744073709551616", .double), ("19999999999999999999", .double), ("-9223372036854775809", .double),
        ("99999999999999999999", .double), ("123456789012345678901234567890", .double),
        ("-0", .double), ("0.0", .double), ("1e5", .double), ("1E+5", .double), ("2.5e-3", .double),
    ])
    func tellsNumbersApart(text: String, kind: JSONKind) throws {
        let node = try JSONDocument(parsing: "[\(text)]").root[0]
        #expect(node?.kind == kind)
        #expect(node?.rawText == text)
        #expect(node?.double == Double(text))
    }

    @Test(arguments: [
        "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "1_000", "--1", "1.2.3", "-01", "1a", "00", "1\"a\"", "NaN",
        "Infinity", "-Infinity",
    ])
    func refusesWhatJSONDoesNotKnow(text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        #expect(throws: JSONError.self) { try JSONDocument(parsing: "[\(text)]") }
        #expect(throws: JSONError.self) { try JSONDocument(parsing: "{\"a\":\(text) }") }
    }

    @Test(arguments: [
        "1e999", "-1e999", "1e400", "1.8e308", "10000000000e300", "1e9999",
        "1" + String(repeating: "0", count: 400), "0.1e310",
    ])
    func refusesNumbersBeyondDoubles(text: String) {
        #expect(throws: JSONError.malformed(.numberOutOfRange, path: "n", offset: 5)) {
            try JSONDocument(parsing: "{\"n\":\(text)}")
        }
    }

    @Test(arguments: [
        "1e-999", "-1e-999", "0e999", "0.0e-999", "1e-9999", "0e-0009999",
        "0." + String(repeating: "0", count: 500) + "1",
    ])
    func readsTinyNumbersAsZero(text: String) throws {
        #expect(try JSONDocument(parsing: text).root.double == 0)
    }

    @Test(arguments: [
        "0e10000", "0e9223372036854775807", "0.1e-9223372036854775808", "1e99999999999999999999",
        "-0.000E+00010000", "1e-9223372036854775807", "12e-18446744073709551617", "0e9223372036854775808",
    ])
    func refusesExponentsThatNoDecimalHas(text: String) {
        let error = JSONError.exponentTooLarge(limit: 9_999, path: "a.n[1]")
        #expect(throws: error) { try JSONDocument(parsing: "{\"a\":{\"n\":[0,\(text)]}}") }
        #expect(error.message == "the exponent of a number must lie from -9999 to 9999 (in a.n[1])")
    }

    /// What was stored before there was a limit must still be read.
    @Test(arguments: [
        ("0e9223372036854775807", JSONValue.double(0)), ("-0.00e-9223372036854775808", .double(-0.0)),
        ("0.1e-9223372036854775808", .number("0.1e-9223372036854775808")),
        ("1000e-99999999999999999999999999", .number("1000e-99999999999999999999999999")),
    ])
    func readsAnyExponentWhereThereIsNoLimit(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text, limits: JSONLimits(maxExponent: .max)) == expected)
    }

    @Test(arguments: [
        ("0e9999", JSONValue.double(0)), ("1.500e0000", .double(1.5)), ("150e-2", .double(1.5)),
        ("1e-9999", .number("1e-9999")), ("0.3", .double(0.3)), ("0.30000000000000001", .number("0.30000000000000001")),
        ("1" + String(repeating: "0", count: 200) + "e-200", .double(1)),
    ])
    func valuesKeepWhatTheNumeralMeans(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
    }

    @Test(arguments: [
        "5e-324", "1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "123456.789", "-1.5",
        "9007199254740993.0", "1e23", "8.5e-5",
    ])
    func roundsAsSwiftDoes(text: String) throws {
        #expect(try JSONDocument(parsing: text).root.double == Double(text))
    }

    @Test(arguments: [
        ("3.0", Int64(3)), ("3e2", 300), ("-2.0", -2), ("9007199254740992.0", 9_007_199_254_740_992), ("-0", 0),
    ])
    func integralDoublesReadAsIntegers(text: String, value: Int64) throws {
        #expect(try JSONDocument(parsing: text).root.int64 == value)
    }

    @Test(arguments: ["3.5", "1e19", "18446744073709551616", "true", "\"3\"", "null"])
    func otherValuesDoNot(text: String) throws {
        #expect(try JSONDocument(parsing: text).root.int64 == nil)
    }
}
