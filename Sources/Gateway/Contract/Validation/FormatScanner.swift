/// Reads the parts of formatted text from left to right.
struct FormatScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// RFC 3339 full-date, in the Gregorian calendar.
    mutating func date() -> Bool {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else {
            return false
        }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && day >= 1 && day <= lengths[month - 1]
    }

    /// RFC 3339 date-time; a second of 60 is a leap second.
    mutating func dateTime() -> Bool {
        guard date(), take("T") || take("t") || take(" ") else { return false }
        guard let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2) else {
            return false
        }
        guard hour < 24, minute < 60, second <= 60 else { return false }
        if take(".") {
            let start = position
            while let byte = peek, (48...57).contains(byte) { position += 1 }
            guard position > start else { return false }
        }
        if take("Z") || take("z") { return true }
        guard take("+") || take("-"), let hours = number(2), take(":"), let minutes = number(2) else { return false }
        return hours < 24 && minutes < 60
    }

    mutating func uuid() -> Bool {
        for (group, length) in [8, 4, 4, 4, 12].enumerated() {
            if group > 0, !take("-") { return false }
            for _ in 0..<length {
                guard let byte = peek, Self.isHexadecimal(byte) else { return false }
                position += 1
            }
        }
        return true
    }

    mutating func ipv4() -> Bool {
        for part in 0..<4 {
            if part > 0, !take(".") { return false }
            let start = position
            var value = 0
            while let byte = peek, (48...57).contains(byte), position - start < 3 {
                value = value * 10 + Int(byte) - 48
                position += 1
            }
            let length = position - start
            guard length > 0, value <= 255, length == 1 || bytes[start] != 48 else { return false }
        }
        return true
    }

    /// RFC 4291, section 2.2, without zone.
    static func isIPv6(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard (2...45).contains(bytes.count) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (place, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                let isLast = place == halves.count - 1 && index == parts.count - 1
                var copy = String(part)
                let isDotted =
                    isLast && part.contains(".")
                    && copy.withUTF8 { TextFormat.ipv4.accepts($0) }
                guard isDotted || ((1...4).contains(part.utf8.count) && part.utf8.allSatisfy(isHexadecimal)) else {
                    return false
                }
                groups += isDotted ? 2 : 1
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    /// One `@`, something before it, a host name with a dot or `localhost` after it: more cannot be told by looking.
    static func isEmail(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= 320, let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at <= 64 else {
            return false
        }
        let host = bytes[(at + 1)...]
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F } && !bytes[..<at].contains(UInt8(ascii: "@"))
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return isPlain && !labels.isEmpty && labels.allSatisfy { !$0.isEmpty && $0.count <= 63 }
    }

    /// A scheme, a colon, and no character that a URI must escape.
    static func isURI(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon < bytes.count - 1 else {
            return false
        }
        let scheme = bytes[..<colon]
        guard let first = scheme.first, isLetter(first) else { return false }
        let others: [UInt8] = Array("+-.".utf8)
        guard scheme.allSatisfy({ isLetter($0) || (48...57).contains($0) || others.contains($0) }) else { return false }
        let forbidden: [UInt8] = Array("\"<>\\^`{|}".utf8)
        return bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<digits {
            guard (48...57).contains(bytes[position]) else { return nil }
            value = value * 10 + Int(bytes[position]) - 48
            position += 1
        }
        return value
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte | 0x20)
    }
}
