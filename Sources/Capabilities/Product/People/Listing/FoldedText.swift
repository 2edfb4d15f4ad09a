import Foundation

/// Text as lists compare it, without case: each code point by its lower-case mapping in Unicode, whatever stands beside it,
/// and nothing normalised. Two texts are equal when the bytes of these are.
enum FoldedText {
    /// The UTF-8 bytes of the text in lower case.
    static func bytes(of text: String) -> [UInt8] {
        var text = text
        let ascii: [UInt8]? = text.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return bytes.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        }
        if let ascii { return ascii }
        var folded: [UInt8] = []
        folded.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { folded.append(contentsOf: scalar.properties.lowercaseMapping.utf8) }
        return folded
    }
}

/// A whole text with `*` for any characters, none included, and `?` for exactly one. There is no escape.
struct TextPattern: Sendable {
    private let bytes: [UInt8]

    /// - Parameter text: folded here.
    init(_ text: String) { bytes = FoldedText.bytes(of: text) }

    /// Whether a folded text as a whole is of the pattern: the last star is tried at one place after the other where what
    /// follows it may begin.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { pattern in
            var (place, rule) = (0, 0)
            var retry: (place: Int, rule: Int)?
            while place < text.count {
                if rule < pattern.count, pattern[rule] == UInt8(ascii: "*") {
                    rule += 1
                    guard let next = Self.start(of: rule, in: pattern, text, from: place) else { return false }
                    place = next
                    retry = (place, rule)
                } else if rule < pattern.count, pattern[rule] == UInt8(ascii: "?") {
                    place = Self.nextCharacter(after: place, in: text)
                    rule += 1
                } else if rule < pattern.count, pattern[rule] == text[place] {
                    place += 1
                    rule += 1
                } else if let last = retry {
                    let after = Self.nextCharacter(after: last.place, in: text)
                    guard let next = Self.start(of: last.rule, in: pattern, text, from: after) else { return false }
                    (place, rule) = (next, last.rule)
                    retry = (place, rule)
                } else {
                    return false
                }
            }
            return pattern[rule...].allSatisfy { $0 == UInt8(ascii: "*") }
        }
    }

    /// The first place where the rest of a pattern may begin; nil for nowhere.
    private static func start(
        of rule: Int, in pattern: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, from place: Int
    ) -> Int? {
        guard rule < pattern.count else { return text.count }
        let first = pattern[rule]
        if first == UInt8(ascii: "*") || first == UInt8(ascii: "?") { return place }
        guard place < text.count, let base = text.baseAddress,
            let found = memchr(base + place, Int32(first), text.count - place)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The place behind a code point.
    private static func nextCharacter(after place: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var next = place + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
