extension Timestamp {
    /// Parses an ISO 8601 / RFC 3339 time: `2025-05-11T07:45:30.123456Z`, with `T` or a space, an optional fraction
    /// (digits past the sixth are dropped), and `Z`, an offset such as `+03:00` or `+0300`, or nothing, which means UTC.
    /// A date alone is its midnight. Nil for anything else, days and hours that do not exist included, and for a time
    /// that its offset moves out of years 0 to 9999.
    public init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ Timestamp(utf8: $0) }) else { return nil }
        self = parsed
    }

    /// The same for bytes that are not a `String` yet.
    public init?(utf8: UnsafeBufferPointer<UInt8>) {
        var scanner = Scanner(bytes: utf8)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.skip("-"), let day = scanner.number(digits: 2),
            let date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        if scanner.isAtEnd {
            self = date.start
            return
        }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(digits: 2), minute < 60
        else { return nil }
        var microsecondOfMinute: Int64 = 0
        if scanner.skip(":") {
            guard let second = scanner.number(digits: 2), second <= 60 else { return nil }
            // A leap second counts as the last moment before the next minute.
            microsecondOfMinute = Int64(min(second, 59)) * Self.microsecondsPerSecond
            if scanner.skip(".") || scanner.skip(",") {
                guard let fraction = scanner.fraction() else { return nil }
                microsecondOfMinute += fraction
            }
        }
        guard let offsetMinutes = scanner.zone(), scanner.isAtEnd else { return nil }
        let minutes = Int64(hour * 60 + minute - offsetMinutes)
        self.init(
            microseconds: date.start.microseconds + minutes * 60 * Self.microsecondsPerSecond + microsecondOfMinute)
        guard self >= .earliest, self <= .latest else { return nil }
    }
}

/// A cursor over ASCII text.
private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One or more digits after the decimal sign, as microseconds.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        var count = 1
        while let next = digit() {
            if count < 6 { value = value * 10 + next }
            count += 1
        }
        while count < 6 {
            value *= 10
            count += 1
        }
        return Int64(value)
    }

    /// Minutes east of UTC; no zone is UTC. Nil when malformed.
    mutating func zone() -> Int? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24 else { return nil }
        if isAtEnd { return sign * hours * 60 }
        _ = skip(":")
        guard let minutes = number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int? {
        guard position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") else {
            return nil
        }
        defer { position += 1 }
        return Int(bytes[position] - UInt8(ascii: "0"))
    }
}
