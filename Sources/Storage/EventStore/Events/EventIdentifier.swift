public import Time

/// An event's id: a UUID version 7 (RFC 9562), so ids sort by the moment of their commit.
///
/// One writer hands them out in strictly rising order, so that ids tell how far the log has come, see ``LogPosition``.
public struct EventIdentifier: Sendable, Hashable, Comparable {
    let value: UInt128

    init(value: UInt128) {
        self.value = value
    }

    /// The smallest id that an event committed at `time` or later can have.
    public init(earliestAt time: Timestamp) {
        let milliseconds = UInt128(truncatingIfNeeded: max(time.milliseconds, 0)) & Self.millisecondsMask
        self.value = milliseconds << 80 | Self.versionAndVariant
    }

    /// Parses the 36-character form; nil for anything else.
    public init?(_ text: String) {
        var value: UInt128 = 0
        var digits = 0
        for (index, byte) in text.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexadecimalValue(byte) else { return nil }
            value = value << 4 | UInt128(digit)
            digits += 1
        }
        guard digits == 32, text.utf8.count == 36 else { return nil }
        self.value = value
    }

    public static func < (left: EventIdentifier, right: EventIdentifier) -> Bool {
        left.value < right.value
    }

    /// The millisecond the id was made in.
    var milliseconds: Int64 { Int64(truncatingIfNeeded: value >> 80) }

    /// That millisecond's beginning.
    var time: Timestamp { Timestamp(microseconds: milliseconds * 1_000) }

    static let millisecondsMask: UInt128 = (1 << 48) - 1
    static let versionAndVariant: UInt128 = 0x7 << 76 | 0x2 << 62

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Appends the 36-character form to `bytes`.
    public func write(into bytes: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        // By halves, since shifting 128 bits takes several times as long.
        let (high, low) = (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
        for position in 0..<32 {
            if position == 8 || position == 12 || position == 16 || position == 20 { bytes.append(UInt8(ascii: "-")) }
            let half = position < 16 ? high : low
            let digit = Int(truncatingIfNeeded: half &>> UInt64(60 - position % 16 * 4)) & 0xF
            bytes.append(digits.utf8Start[digit])
        }
    }
}

extension EventIdentifier: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Makes strictly rising ids, even when the clock stands still or steps back.
public struct EventIdentifierSequence: Sendable {
    private var last: EventIdentifier

    /// Every id made will be greater than `last`, the greatest id already stored.
    public init(after last: EventIdentifier?) {
        self.last = last ?? EventIdentifier(value: 0)
    }

    /// The random bits a new millisecond starts from; the top one stays clear, leaving room to count.
    private static let counterBits: UInt128 = 73

    /// The next id, made at `time` or, where the clock has gone back, as if it had not.
    public mutating func next(at time: Timestamp) -> EventIdentifier {
        let milliseconds = UInt128(truncatingIfNeeded: max(time.milliseconds, 0)) & EventIdentifier.millisecondsMask
        let lastMilliseconds = last.value >> 80
        var payload: UInt128
        var base = milliseconds
        if milliseconds > lastMilliseconds {
            payload = UInt128.random(in: 0..<(1 << Self.counterBits))
        } else {
            base = lastMilliseconds
            payload = Self.payload(of: last) + 1
            if payload >> 74 != 0 {
                base += 1
                payload = 0
            }
        }
        last = Self.identifier(milliseconds: base, payload: payload)
        return last
    }

    /// The 74 bits that are neither time nor version nor variant.
    private static func payload(of identifier: EventIdentifier) -> UInt128 {
        let high = identifier.value >> 64 & 0xFFF
        let low = identifier.value & ((1 << 62) - 1)
        return high << 62 | low
    }

    private static func identifier(milliseconds: UInt128, payload: UInt128) -> EventIdentifier {
        let high = payload >> 62 & 0xFFF
        let low = payload & ((1 << 62) - 1)
        return EventIdentifier(value: milliseconds << 80 | high << 64 | low | EventIdentifier.versionAndVariant)
    }
}
