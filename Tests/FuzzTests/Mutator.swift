/// Makes inputs out of samples: pieces changed, repeated, left out and joined, and what parsers stumble over put in.
struct Mutator {
    /// Longer inputs are cut.
    static let mostBytes = 16_384

    /// Numerals at the ends of what types hold, and pieces of text that are one thing by bytes and another by looks.
    private static let hostile: [[UInt8]] =
        [
            "0", "-0", "-1", "1", "255", "256", "65535", "65536", "2147483647", "-2147483648", "4294967296",
            "9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e308",
            "1e-324",
            "0e9999", "0e9223372036854775807", "0.1e-9223372036854775808", "1e400", "NaN", "Infinity", "-",
            "0000-01-01", "9999-12-31", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2024-02-30", "",
            "\u{0}", "\u{7F}", "\u{301}", "e\u{301}", "\u{E9}", "\u{212B}", "\u{1F468}\u{200D}\u{1F469}", "\u{FEFF}",
            "\u{202E}", "\u{FFFF}", "\u{10FFFF}", "İ", "ß", "ſ", "\r\n", "\n", "\t", " ", "\"", "'", "\\", "\\u0000",
            "\\ud800", "%", "%00", "%ff", "[", "]", "{", "}", "(", ")", ",", ":", ";", "=", "&", "/", "..", "<", ">",
            "null", "true", "[[[[[[[[", "]]]]]]]]", "{\"a\":", "((((((((",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5]]

    private let tokens: [[UInt8]]
    private(set) var pool: [[UInt8]]
    private let sampleCount: Int

    /// - Parameters:
    ///   - samples: inputs of the kind that is meant, at least one.
    ///   - tokens: words of its language.
    init(samples: [[UInt8]], tokens: [[UInt8]]) {
        pool = samples.isEmpty ? [[]] : samples
        sampleCount = pool.count
        self.tokens = tokens + Self.hostile
    }

    /// Keeps an input that led somewhere new, to be changed further.
    mutating func keep(_ input: [UInt8], _ random: inout FuzzRandom) {
        guard pool.count >= sampleCount + 1_024 else { return pool.append(input) }
        pool[sampleCount + random.below(1_024)] = input
    }

    /// The next input.
    mutating func next(_ random: inout FuzzRandom) -> [UInt8] {
        var input = random.once(in: 6) ? sentence(&random) : random.pick(pool)
        for _ in 0..<(1 + random.below(random.once(in: 4) ? 16 : 4)) { change(&input, &random) }
        return Array(input.prefix(Self.mostBytes))
    }

    /// Words of the language in any order.
    private func sentence(_ random: inout FuzzRandom) -> [UInt8] {
        (0..<(1 + random.below(24))).flatMap { _ in random.pick(tokens) }
    }

    private func change(_ input: inout [UInt8], _ random: inout FuzzRandom) {
        let place = random.below(input.count + 1)
        let end = min(place + random.below(random.once(in: 3) ? input.count : 12), input.count)
        switch random.below(10) {
        case 0 where !input.isEmpty: input[random.below(input.count)] = UInt8(truncatingIfNeeded: random.next())
        case 1 where !input.isEmpty: input[random.below(input.count)] ^= 1 << UInt8(random.below(8))
        case 2: input.removeSubrange(place..<end)
        case 3: input.insert(contentsOf: input[place..<end], at: end)
        case 4: input.insert(contentsOf: Array(repeating: Array(input[place..<end]), count: 8).joined(), at: place)
        case 5:
            let other = random.pick(pool)
            let start = random.below(other.count + 1)
            input.replaceSubrange(place..<end, with: other[start..<min(start + 1 + random.below(64), other.count)])
        case 6: replaceNumeral(in: &input, from: place, &random)
        case 7: input.replaceSubrange(place..<end, with: random.pick(tokens))
        default: input.insert(contentsOf: random.pick(tokens), at: place)
        }
    }

    /// Puts another number where one stands.
    private func replaceNumeral(in input: inout [UInt8], from place: Int, _ random: inout FuzzRandom) {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard let start = input[place...].firstIndex(where: isDigit) else { return }
        let end = input[start...].firstIndex { !isDigit($0) } ?? input.count
        input.replaceSubrange(
            start..<end, with: random.pick(Self.hostile.prefix(24) + [Array("\(random.next())".utf8)]))
    }
}

extension FuzzRandom {
    fileprivate mutating func pick(_ values: ArraySlice<[UInt8]>) -> [UInt8] { pick(Array(values)) }
}
