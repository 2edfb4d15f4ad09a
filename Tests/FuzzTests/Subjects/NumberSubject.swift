import EventStore
import JSON

@testable import Contract
@testable import Targeting

/// Numerals: each reader says the same of one.
struct NumberSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "0", "-1", "1.5", "15e-1", "1.50E+0", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
        "0.30000000000000001", "1e23", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "1,234.5",
        "0,125",
        "-.5", "512MB", "1.5GiB", "0e9999", "1e-9999", "123456789012345678901234567890e-30",
    ])
    let tokens: [[UInt8]] = .texts([
        "0", "00", "9", "99999999", ".", "e", "E", "+", "-", ",", ",000", "e-", "e+308", "e-324", "KiB", "MB", " ",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        var outcome = ""
        if let number = LooseNumber.parse(text) {
            try require(number.isFinite, "a loose number that is none")
            outcome += "loose"
        }
        if MemorySize(text) != nil { outcome += "size" }
        _ = ParameterDecoder.coerce(text, to: [.integer, .number, .boolean])
        guard let document = try? JSONDocument(parsing: input, limits: JSONLimits(maxExponent: .max)) else {
            return outcome + "none"
        }
        guard let number = document.root.double else { return outcome + "\(document.root.kind)" }
        try check(document.root, number)
        return outcome + "\(document.root.kind) \(number.exponentBitPattern / 64) \(document.root.int64 == nil)"
    }

    private func check(_ node: JSONNode, _ number: Double) throws {
        let text = node.rawText
        try require(number.isFinite && Double(text) == number, "\(text) reads as \(number)")
        let value = node.value
        // A numeral that no double holds keeps its text, and is then no integer even where its nearest double is.
        let isSameInteger = value.int64 == node.int64 || value.int64 == nil
        try require(value.double == number && isSameInteger, "\(text) becomes \(value)")
        switch value {
        case .double(let double): try require(double == number, "\(text) becomes \(double)")
        case .number(let kept): try require(kept == text, "\(text) is kept as \(kept)")
        case .integer(let integer): try require(String(integer) == text, "\(text) becomes \(integer)")
        default: throw Broken("\(text) becomes \(value)")
        }
        let shown = ScriptText.decimal(number)
        try require(Double(shown) == number, "\(number) is shown as \(shown)")
        let bound = NumericBound(.number(text), isExclusive: false)
        try require(bound?.compare(node) == 0, "\(text) is not its own bound")
        _ = value.canonical
    }
}
