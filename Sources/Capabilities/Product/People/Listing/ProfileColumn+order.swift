import Foundation

extension ProfileColumn {
    /// Calls the body with what makes a number of the value at a place: of two values the lesser has no greater one.
    /// - Parameter matches: whose values these are.
    func withKeys(of matches: [Bool], _ body: ((Int) -> UInt64) -> Void) {
        switch type {
        case .time, .boolean: integers.withUnsafeBufferPointer { all in body { Self.key(all[$0]) } }
        case .number: numbers.withUnsafeBufferPointer { all in body { Self.key(all[$0]) } }
        case .text:
            texts.withTexts { texts in
                // What all begin with tells none from another.
                let shared = Self.sharedPrefix(texts, matches)
                body { Self.key(texts[$0], from: shared) }
            }
        case .list: texts.withTexts { texts in body { Self.key(ListBytes.first(texts[$0]), from: 0) } }
        }
    }

    /// Whether values with the same number are equal.
    var isToldByKey: Bool {
        switch type {
        case .time, .boolean: true
        case .number: exact.isEmpty
        case .text, .list: false
        }
    }

    /// Less than 0, 0 or greater, as the first value is less than the second, equal or greater.
    func compare(_ one: Int, _ other: Int) -> Int {
        switch type {
        case .time, .boolean: Self.order(integers[one], integers[other])
        case .number:
            if numbers[one] != numbers[other] || exact.isEmpty {
                Self.order(numbers[one], numbers[other])
            } else if let one = number(at: one), let other = number(at: other) {
                Self.order(one, other)
            } else {
                0
            }
        case .text: texts.withTexts { TextArena.compare($0[one], $0[other]) }
        case .list:
            texts.withTexts { TextArena.compare(ListBytes.first($0[one]), ListBytes.first($0[other])) }
        }
    }

    private static func order<Value: Comparable>(_ one: Value, _ other: Value) -> Int {
        one == other ? 0 : one < other ? -1 : 1
    }

    private static func key(_ integer: Int64) -> UInt64 { UInt64(bitPattern: integer) ^ (1 << 63) }

    private static func key(_ number: Double) -> UInt64 {
        let bits = number.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// Eight bytes.
    private static func key(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt64 {
        if start + 8 <= text.count, let base = text.baseAddress {
            return UInt64(bigEndian: UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self))
        }
        var key: UInt64 = 0
        for place in start..<start + 8 { key = key << 8 | (place < text.count ? UInt64(text[place]) : 0) }
        return key
    }

    /// Bytes that all texts begin with.
    private static func sharedPrefix(_ texts: TextArena.Texts, _ matches: [Bool]) -> Int {
        guard let first = matches.firstIndex(of: true) else { return 0 }
        let model = texts[first]
        var shared = model.count
        for place in matches.indices where matches[place] && shared > 0 {
            let text = texts[place]
            shared = min(shared, text.count)
            if let one = text.baseAddress, let other = model.baseAddress, memcmp(one, other, shared) == 0 { continue }
            var same = 0
            while same < shared, text[same] == model[same] { same += 1 }
            shared = same
        }
        return shared
    }
}
