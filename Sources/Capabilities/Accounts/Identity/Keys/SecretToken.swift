package import Cryptography

/// Secrets that are shown once and stored as a digest.
package enum SecretToken {
    private static let alphabet: StaticString = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    /// 43 characters out of 62 hold 256 bits.
    private static let length = 43

    /// `prefix` and 43 random characters out of `0-9A-Za-z`: 256 bits that can be recognised in a log by their prefix.
    package static func make(prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        var token = prefix
        for _ in 0..<length {
            token.unicodeScalars.append(Unicode.Scalar(alphabet.utf8Start[Int.random(in: 0..<62, using: &generator)]))
        }
        return token
    }

    /// `count` random lower-case hexadecimal digits.
    package static func hexadecimal(count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" })
    }

    /// `sxc_a*****xyz`: enough to tell secrets apart, of no use to anybody.
    static func hint(of secret: String) -> String {
        "\(secret.prefix(5))*****\(secret.suffix(3))"
    }

    /// What is stored of a secret.
    package static func digest(of secret: String) -> Digest {
        Digest(of: secret.utf8)
    }
}
