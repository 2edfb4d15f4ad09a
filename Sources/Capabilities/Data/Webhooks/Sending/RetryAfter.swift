import Time

/// What a receiver says of when it may be tried again (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Seconds from now; nil for what is neither a number of seconds nor a date. 0 for a date that is past, and never more
    /// than anybody has us wait.
    /// - Parameter text: the header's value: `120`, or one of the three forms of a date.
    static func seconds(_ text: String, at now: Timestamp) -> Int64? {
        let text = Array(text.utf8.drop { $0 == 0x20 || $0 == 0x09 })
        let end = text.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
        let value = text[..<end]
        guard !value.isEmpty, value.count <= 64 else { return nil }
        if value.allSatisfy(isDigit) {
            // More digits than fit are a long time, too.
            return min(value.reduce(Int64(0)) { min($0 * 10 + Int64($1 & 15), longest) }, longest)
        }
        return date(value, now).map { min(max($0.seconds - now.seconds, 0), longest) }
    }

    private static let longest = DeliverySchedule.longestWaitSeconds

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`. Whether the day of
    /// the week is the date's is not looked at.
    private static func date(_ value: ArraySlice<UInt8>, _ now: Timestamp) -> Timestamp? {
        let words = value.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        switch words.count {
        case 6 where words[5] == "GMT" && has(words[0], days, comma: true):
            return time(year: number(words[3], 4), month: words[2], day: number(words[1], 2), words[4])
        case 5 where has(words[0], days, comma: false):
            let day = words[2].utf8.count == 1 ? number(words[2], 1) : number(words[2], 2)
            return time(year: number(words[4], 4), month: words[1], day: day, words[3])
        case 4 where words[3] == "GMT" && has(words[0], longDays, comma: true):
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let short = number(parts[2], 2) else { return nil }
            return time(year: fullYear(short, now), month: parts[1], day: number(parts[0], 2), words[2])
        default: return nil
        }
    }

    private static func has(_ word: String, _ names: [String], comma: Bool) -> Bool {
        names.contains { word == (comma ? $0 + "," : $0) }
    }

    /// A year of two digits that would be more than 50 years ahead is of the century before.
    private static func fullYear(_ short: Int, _ now: Timestamp) -> Int {
        let current = CalendarDate(now).year
        let year = current - current % 100 + short
        return year > current + 50 ? year - 100 : year
    }

    private static func time(year: Int?, month: String, day: Int?, _ clock: String) -> Timestamp? {
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), 2) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2], hours < 24,
            minutes < 60, seconds <= 60, let year, let day, let month = months.firstIndex(of: month),
            let date = CalendarDate(year: year, month: month + 1, day: day)
        else { return nil }
        return Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(hours * 3_600 + minutes * 60 + seconds))
    }

    /// Nil for anything but so many digits.
    private static func number(_ text: String, _ digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy(isDigit) else { return nil }
        return text.utf8.reduce(0) { $0 * 10 + Int($1 & 15) }
    }
}
