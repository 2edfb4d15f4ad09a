extension Timestamp {
    /// How a time is written; each form is one that a contract's examples show.
    public enum Format: Sendable {
        /// `2025-05-11T07:45:30.123456Z`
        case microsecondsUTC
        /// `2025-05-11T07:45:30.123456`: the same without a zone, UTC all the same.
        case microsecondsWithoutZone
        /// `2025-05-11T07:45:30Z`
        case secondsUTC
        /// `20250511T074530Z`: ISO 8601 basic form, as request signatures use it.
        case basic
    }

    /// This time as text. Years are written with four digits: a time outside years 0 to 9999 is written as the nearest
    /// one within them.
    public func formatted(_ format: Format) -> String {
        let microseconds = withinFourDigitYears.microseconds
        let date = CalendarDate(Timestamp(microseconds: microseconds))
        let microsecondOfDay = microseconds - date.start.microseconds
        let secondOfDay = Int(microsecondOfDay / Self.microsecondsPerSecond)
        let (hour, minute, second) = (secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60)
        return String(unsafeUninitializedCapacity: 27) { buffer in
            if case .basic = format {
                writeDigits(date.year, width: 4, at: 0, of: buffer)
                writeDigits(date.month, width: 2, at: 4, of: buffer)
                writeDigits(date.day, width: 2, at: 6, of: buffer)
                buffer[8] = UInt8(ascii: "T")
                writeDigits(hour, width: 2, at: 9, of: buffer)
                writeDigits(minute, width: 2, at: 11, of: buffer)
                writeDigits(second, width: 2, at: 13, of: buffer)
                buffer[15] = UInt8(ascii: "Z")
                return 16
            }
            writeDigits(date.year, width: 4, at: 0, of: buffer)
            buffer[4] = UInt8(ascii: "-")
            writeDigits(date.month, width: 2, at: 5, of: buffer)
            buffer[7] = UInt8(ascii: "-")
            writeDigits(date.day, width: 2, at: 8, of: buffer)
            buffer[10] = UInt8(ascii: "T")
            writeDigits(hour, width: 2, at: 11, of: buffer)
            buffer[13] = UInt8(ascii: ":")
            writeDigits(minute, width: 2, at: 14, of: buffer)
            buffer[16] = UInt8(ascii: ":")
            writeDigits(second, width: 2, at: 17, of: buffer)
            if case .secondsUTC = format {
                buffer[19] = UInt8(ascii: "Z")
                return 20
            }
            buffer[19] = UInt8(ascii: ".")
            writeDigits(Int(microsecondOfDay % Self.microsecondsPerSecond), width: 6, at: 20, of: buffer)
            if case .microsecondsWithoutZone = format { return 26 }
            buffer[26] = UInt8(ascii: "Z")
            return 27
        }
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String { formatted(.microsecondsUTC) }
}
