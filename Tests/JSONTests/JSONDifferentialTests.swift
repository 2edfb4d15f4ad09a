import Foundation
import JSON
import Testing

/// The parser against Foundation's, on documents made from a seed.
@Suite struct JSONDifferentialTests {
    @Test(arguments: 0..<40) func agreesOnGeneratedDocuments(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<50 {
            let text = generator.document()
            let ours = try JSONValue(parsing: text)
            let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            #expect(agree(ours, theirs), "\(text)")
            #expect(try JSONValue(parsing: ours.encoded()) == ours)
            let again = try JSONSerialization.jsonObject(with: Data(ours.encoded()), options: .fragmentsAllowed)
            #expect(agree(ours, again), "\(text)")
        }
    }

    @Test(arguments: 0..<40) func damagedDocumentsNeverCrashAndAreJudgedAlike(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed &+ 1_000_003)
        for _ in 0..<50 {
            var bytes = Array(generator.document().utf8)
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.remove(at: position)
            case 1: bytes.insert(Array(#"{}[],:"\0e-. t"#.utf8).randomElement(using: &generator) ?? 0, at: position)
            case 2: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            default: bytes.removeSubrange(position...)
            }
            let ours = try? JSONValue(parsing: bytes)
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            // Foundation lets some invalid texts pass; what we accept it must accept, with the same meaning.
            if let ours, let theirs { #expect(agree(ours, theirs)) }
            if ours != nil { #expect(theirs != nil, "\(String(decoding: bytes, as: UTF8.self))") }
        }
    }

    private func agree(_ ours: JSONValue, _ theirs: Any) -> Bool {
        switch ours {
        case .null: return theirs is NSNull
        case .string(let value): return theirs as? String == value
        case .bool(let value): return theirs as? Bool == value
        case .integer(let value): return (theirs as? NSNumber)?.int64Value == value
        case .double, .number:
            guard let number = theirs as? NSNumber, let double = ours.double else { return false }
            return abs(number.doubleValue - double) <= abs(double) * 1e-15
        case .array(let elements):
            guard let array = theirs as? [Any], array.count == elements.count else { return false }
            return zip(elements, array).allSatisfy { agree($0, $1) }
        case .object(let object):
            guard let dictionary = theirs as? [String: Any], dictionary.count == object.count else { return false }
            return object.members.allSatisfy { member in dictionary[member.key].map { agree(member.value, $0) } ?? false
            }
        }
    }
}

/// Random documents with odd spacing, escapes and numbers; the same seed gives the same documents.
private struct DocumentGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func document() -> String { value(depth: 0) }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &self) ?? "" }

    private mutating func space() -> String { pick(["", "", "", " ", "\n", "\t ", "\r\n"]) }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 6 : 10), using: &self) {
        case 0: return pick(["null", "true", "false"])
        case 1: return String(Int64.random(in: -1_000_000...1_000_000, using: &self))
        case 2: return String(Int64.random(in: .min ... .max, using: &self))
        case 3: return String(Double.random(in: -1e6...1e6, using: &self))
        case 4: return pick(["0.5", "1e3", "-2E-2", "12.25e+1", "7.0"])
        case 5: return string()
        case 6, 7:
            let count = Int.random(in: 0..<6, using: &self)
            let items = (0..<count).map { _ in space() + value(depth: depth + 1) + space() }
            return "[" + (items.isEmpty ? space() : items.joined(separator: ",")) + "]"
        default:
            let count = Int.random(in: 0..<24, using: &self)
            let items = (0..<count).map { number in
                let key = "\"\(number)" + string().dropFirst()
                return space() + key + space() + ":" + space() + value(depth: depth + 2) + space()
            }
            return "{" + (items.isEmpty ? space() : items.joined(separator: ",")) + "}"
        }
    }

    private mutating func string() -> String {
        let pieces = (0..<Int.random(in: 0..<12, using: &self)).map { _ in
            pick([
                "a", "xyz", " ", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u00e9"#, #"\ud83d\ude00"#, "é", "漢字", "😀", "{", "]",
                ",",
            ])
        }
        return "\"" + pieces.joined() + "\""
    }
}
