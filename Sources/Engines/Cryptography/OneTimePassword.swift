import CCrypto

/// Codes of authenticator apps: six digits, another every 30 seconds (TOTP, RFC 6238, with HMAC-SHA1 as apps have it).
public struct OneTimePassword: Sendable {
    /// Seconds for which a code is shown.
    public static let stepSeconds: Int64 = 30
    public static let digits = 6
    /// 160 bits, as RFC 4226 recommends.
    private static let secretBytes = 20

    private let key: SecretKey

    /// A new secret.
    public init() {
        var generator = SystemRandomNumberGenerator()
        key = SecretKey((0..<Self.secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// - Parameter secret: base32 (RFC 4648), in either case; nil for anything else.
    public init?(base32 secret: String) {
        var bytes: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for character in secret.utf8 where character != UInt8(ascii: "=") {
            guard let value = Self.alphabet.firstIndex(of: character & 0xDF) ?? Self.digit(character) else {
                return nil
            }
            buffer = buffer << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        guard !bytes.isEmpty else { return nil }
        key = SecretKey(bytes)
    }

    /// The secret as apps take it: base32 without padding.
    public var base32: String {
        key.withUnsafeBytes { bytes in
            var text = ""
            var (buffer, bits) = (UInt32(0), 0)
            func append(_ value: UInt32) {
                let value = Int(value & 31)
                let character = value < 26 ? Self.alphabet[value] : UInt8(ascii: "2") + UInt8(value - 26)
                text.unicodeScalars.append(Unicode.Scalar(character))
            }
            for byte in bytes {
                buffer = buffer << 8 | UInt32(byte)
                bits += 8
                while bits >= 5 {
                    bits -= 5
                    append(buffer >> bits)
                }
            }
            if bits > 0 { append(buffer << (5 - bits)) }
            return text
        }
    }

    /// The step that a time lies in.
    /// - Parameter seconds: Unix time.
    public static func step(at seconds: Int64) -> Int64 { max(seconds, 0) / stepSeconds }

    /// The code of a step; nil when the library refuses.
    public func code(_ step: Int64) -> String? {
        var result = [UInt8](repeating: 0, count: Int(ccrypto_sha1_length))
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let isMade = key.withUnsafeBytes { key in
            ccrypto_hmac_sha1(key.baseAddress, key.count, counter, counter.count, &result) != 0
        }
        guard isMade, let last = result.last else { return nil }
        let offset = Int(last & 15)
        let number = result[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.utf8.count) + text
    }

    /// Which step a code is of, among the one of a time and its neighbours: clocks differ a little.
    /// - Returns: nil for none. Takes as long whichever it is.
    public func step(of code: String, at seconds: Int64) -> Int64? {
        let now = Self.step(at: seconds)
        let shown = Digest(of: code.utf8)
        return [now - 1, now, now + 1].reduce(nil) { found, step in
            let isSame = self.code(step).map { Digest(of: $0.utf8) == shown } ?? false
            return isSame ? step : found
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    private static func digit(_ character: UInt8) -> Int? {
        (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(character) ? Int(character - UInt8(ascii: "2")) + 26 : nil
    }
}
