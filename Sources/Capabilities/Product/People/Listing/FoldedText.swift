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
///
/// The parts between stars are looked for one after the other, each from where the one before ended: so the time grows with the
/// text, and with the length of parts that have a `?`, which are short.
struct TextPattern: Sendable {
    private struct Part: Sendable {
        let bytes: [UInt8]
        let hasAnyCharacter: Bool
        /// Of each beginning of the part, how long the longest other beginning is that it ends with (Knuth, Morris, Pratt 1977).
        let borders: [Int]

        init(_ bytes: ArraySlice<UInt8>) {
            let bytes = Array(bytes)
            var borders = [Int](repeating: 0, count: bytes.count)
            var length = 0
            for place in bytes.indices.dropFirst() {
                while length > 0, bytes[place] != bytes[length] { length = borders[length - 1] }
                if bytes[place] == bytes[length] { length += 1 }
                borders[place] = length
            }
            self.bytes = bytes
            self.borders = borders
            hasAnyCharacter = bytes.contains(UInt8(ascii: "?"))
        }
    }

    /// Bytes of a part that has a `?`.
    static let maximumPartBytes = 32

    private let parts: [Part]

    /// - Parameter text: folded here.
    init(_ text: String) {
        parts = FoldedText.bytes(of: text).split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            .map { Part($0) }
    }

    /// Whether it takes too long to look for.
    var isTooCostly: Bool { parts.contains { $0.hasAnyCharacter && $0.bytes.count > Self.maximumPartBytes } }

    /// Whether a folded text as a whole is of the pattern.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = parts.first, var place = Self.end(of: first, in: text, from: 0) else { return false }
        guard parts.count > 1, let last = parts.last else { return place == text.count }
        guard let end = Self.start(of: last, in: text, upTo: text.count), place <= end else { return false }
        for part in parts.dropFirst().dropLast() {
            guard let next = Self.find(part, in: text, from: place, upTo: end) else { return false }
            place = next
        }
        return true
    }

    /// Where a part ends that begins at a place; nil when it does not.
    private static func end(of part: Part, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var place = start
        for byte in part.bytes {
            guard place < text.count else { return nil }
            if byte == UInt8(ascii: "?") {
                place = nextCharacter(after: place, in: text)
            } else {
                guard text[place] == byte else { return nil }
                place += 1
            }
        }
        return place
    }

    /// Where a part begins that ends at a place; nil when it does not.
    private static func start(of part: Part, in text: UnsafeBufferPointer<UInt8>, upTo end: Int) -> Int? {
        var place = end
        for byte in part.bytes.reversed() {
            guard place > 0 else { return nil }
            place -= 1
            if byte == UInt8(ascii: "?") {
                while place > 0, text[place] & 0xC0 == 0x80 { place -= 1 }
            } else if text[place] != byte {
                return nil
            }
        }
        return place
    }

    /// Where a part ends that begins as early as it can; nil for nowhere.
    private static func find(
        _ part: Part, in text: UnsafeBufferPointer<UInt8>, from start: Int, upTo end: Int
    ) -> Int? {
        if part.bytes.isEmpty { return start }
        if !part.hasAnyCharacter { return find(part, in: text, at: start, upTo: end) }
        var place = start
        while place < end {
            if let found = Self.end(of: part, in: text, from: place), found <= end { return found }
            place = nextCharacter(after: place, in: text)
        }
        return nil
    }

    /// The same for a part without `?`.
    private static func find(_ part: Part, in text: UnsafeBufferPointer<UInt8>, at start: Int, upTo end: Int) -> Int? {
        guard let base = text.baseAddress else { return nil }
        return part.bytes.withUnsafeBufferPointer { bytes in
            var (place, length) = (start, 0)
            while place < end {
                if length == 0 {
                    guard let first = memchr(base + place, Int32(bytes[0]), end - place) else { return nil }
                    place = UnsafeRawPointer(first) - UnsafeRawPointer(base)
                }
                while length > 0, text[place] != bytes[length] { length = part.borders[length - 1] }
                if text[place] == bytes[length] { length += 1 }
                place += 1
                if length == bytes.count { return place }
            }
            return nil
        }
    }

    /// The place behind a code point.
    private static func nextCharacter(after place: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var next = place + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
