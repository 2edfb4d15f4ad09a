/// The text of a rule in lower case, prepared to be compared with any text in any case without taking memory.
///
/// ASCII is folded byte by byte on the way. Where a text holds other characters, its lower case is made once and the
/// bytes are compared: lower case may be longer or shorter than what it comes from, so bytes cannot be paired before.
struct LoweredText: Sendable {
    /// The lower case in UTF-8.
    let bytes: [UInt8]

    /// For each place, how much of the text's start is also its end there (Knuth, Morris, Pratt): search is linear
    /// whatever both texts are.
    private let borders: [Int32]

    init(_ text: String, searchable: Bool = false) {
        bytes = Array(ScriptText.lowercased(text).utf8)
        borders = searchable ? Self.borders(of: bytes) : []
    }

    /// Whether a text is this one.
    /// - Parameter lowered: gives the text's lower case, where it is needed.
    func equals(_ text: String, lowered: (String) -> String = { ScriptText.lowercased($0) }) -> Bool {
        let plain = Self.withBytes(of: text) { candidate -> Bool? in
            for position in 0..<min(candidate.count, bytes.count) {
                if candidate[position] >= 0x80 { return nil }
                if Self.folded(candidate[position]) != bytes[position] { return false }
            }
            return candidate.count == bytes.count
        }
        return plain ?? bytes.elementsEqual(lowered(text).utf8)
    }

    /// Whether a text starts with this one.
    func isPrefix(of text: String, lowered: (String) -> String = { ScriptText.lowercased($0) }) -> Bool {
        let plain = Self.withBytes(of: text) { candidate -> Bool? in
            for position in 0..<bytes.count {
                guard position < candidate.count else { return false }
                if candidate[position] >= 0x80 { return nil }
                if Self.folded(candidate[position]) != bytes[position] { return false }
            }
            return true
        }
        return plain ?? lowered(text).utf8.starts(with: bytes)
    }

    /// Whether a text ends with this one.
    func isSuffix(of text: String, lowered: (String) -> String = { ScriptText.lowercased($0) }) -> Bool {
        let plain = Self.withBytes(of: text) { candidate -> Bool? in
            for distance in 0..<bytes.count {
                guard distance < candidate.count else { return false }
                let byte = candidate[candidate.count - 1 - distance]
                if byte >= 0x80 { return nil }
                if Self.folded(byte) != bytes[bytes.count - 1 - distance] { return false }
            }
            return true
        }
        return plain ?? lowered(text).utf8.suffix(bytes.count).elementsEqual(bytes)
    }

    /// Whether a text holds this one, which must have been made searchable.
    func occurs(in text: String, lowered: (String) -> String = { ScriptText.lowercased($0) }) -> Bool {
        if bytes.isEmpty { return true }
        let plain = Self.withBytes(of: text) { find(in: $0, stopsOutsideASCII: true) }
        if let plain { return plain }
        return Self.withBytes(of: lowered(text)) { find(in: $0, stopsOutsideASCII: false) } ?? false
    }

    private func find(in candidate: UnsafeBufferPointer<UInt8>, stopsOutsideASCII: Bool) -> Bool? {
        var matched = 0
        for original in candidate {
            if original >= 0x80, stopsOutsideASCII { return nil }
            let byte = Self.folded(original)
            while matched > 0, bytes[matched] != byte { matched = Int(borders[matched - 1]) }
            if bytes[matched] == byte { matched += 1 }
            if matched == bytes.count { return true }
        }
        return false
    }

    private static func borders(of bytes: [UInt8]) -> [Int32] {
        var borders = [Int32](repeating: 0, count: bytes.count)
        var length = 0
        for position in bytes.indices.dropFirst() {
            while length > 0, bytes[length] != bytes[position] { length = Int(borders[length - 1]) }
            if bytes[length] == bytes[position] { length += 1 }
            borders[position] = Int32(length)
        }
        return borders
    }

    @inline(__always)
    private static func folded(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// Reads the UTF-8 of a text in place.
    static func withBytes<Result>(
        of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(text.utf8).withUnsafeBufferPointer(body)
    }
}
