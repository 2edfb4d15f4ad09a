/// Body text in lines of at most 76 ASCII characters that every mail server passes on unchanged (RFC 2045, section 6.7).
enum QuotedPrintable {
    /// `text` with CRLF line ends. Its own may be CRLF, LF or CR; other control characters than tabs are encoded.
    static func encode(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + bytes.count / 8)
        var lineLength = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            index += 1
            if byte == carriageReturn || byte == lineFeed {
                if byte == carriageReturn, next == lineFeed { index += 1 }
                encoded += [carriageReturn, lineFeed]
                lineLength = 0
                continue
            }
            let endsLine = next == nil || next == carriageReturn || next == lineFeed
            let piece =
                isPlain(byte, endsLine: endsLine) ? [byte] : [UInt8(ascii: "="), digit(byte >> 4), digit(byte & 15)]
            if lineLength + piece.count > (endsLine ? 76 : 75) {
                encoded += [UInt8(ascii: "="), carriageReturn, lineFeed]
                lineLength = 0
            }
            encoded += piece
            lineLength += piece.count
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static let carriageReturn: UInt8 = 13
    private static let lineFeed: UInt8 = 10

    private static func isPlain(_ byte: UInt8, endsLine: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "="): false
        case UInt8(ascii: " "), 9: !endsLine
        case 0x21...0x7E: true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
