import JSON
import Testing

@Suite struct DecimalNumberTests {
    private func number(_ text: String) throws -> DecimalNumber { try #require(DecimalNumber(text), "\(text)") }

    /// Each line rises; on a line all are the same.
    private static let rising: [[String]] = [
        ["-1e9999"], ["-12345678901234567890.5"], ["-12345678901234567890", "-1234567890123456789e1"], ["-1.1"],
        ["-1", "-1.0", "-10e-1"], ["-0.1"], ["-1e-9999"],
        ["0", "-0", "0.0", "-0.000e5", "0e9999"], ["1e-9999"], ["5e-324"], ["0.1", ".1", "1e-1", "0.10"],
        ["0.1000000000000000055511151231257827"], ["1", "1.", "+1", "001", "100e-2"], ["1.5", "1.50", "15e-1"], ["2"],
        ["10", "1e1", "1.0E+1"], ["9007199254740992"], ["9007199254740993", "9007199254740993.0"],
        ["12345678901234567.89"], ["12345678901234567.891"], ["50000000000000000000"],
        ["50000000000000000000.0000000001"], ["1e400"], ["1e9999"],
    ]

    @Test func ordersByExactWorth() throws {
        for (position, line) in Self.rising.enumerated() {
            for text in line {
                for same in line { #expect(try number(text) == number(same), "\(text) \(same)") }
                for other in Self.rising[(position + 1)...].joined() {
                    #expect(try number(text) < number(other), "\(text) < \(other)")
                    #expect(try !(number(other) < number(text)), "\(other) < \(text)")
                    #expect(try number(text) != number(other), "\(text) \(other)")
                }
            }
        }
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1_000", "1,5", " 1", "1 ", "--1", "1.2.3", "NaN", "inf", "١",
        "1e5.0", "-.",
    ])
    func otherTextIsNone(_ text: String) {
        #expect(DecimalNumber(text) == nil)
    }

    /// Whole numbers of 128 bits are exact in both worlds.
    @Test func agreesWithWideIntegers() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let first = Int128.random(in: -(1 << 100)...(1 << 100), using: &generator)
            let second = Bool.random(using: &generator) ? first + Int128.random(in: -3...3, using: &generator) : -first
            let shift = Int.random(in: 0...20, using: &generator)
            let left = try number("\(first)\(String(repeating: "0", count: shift))")
            let right = try number("\(second)e\(shift)")
            #expect((left < right) == (first < second), "\(first) \(second)")
            #expect((left == right) == (first == second), "\(first) \(second)")
            #expect(try left == number("\(first)e\(shift)"))
        }
    }
}
