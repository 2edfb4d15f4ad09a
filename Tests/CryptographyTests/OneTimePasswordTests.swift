import Testing

@testable import Cryptography

/// Codes of authenticator apps, by the examples of RFC 6238 and RFC 4226.
@Suite struct OneTimePasswordTests {
    /// `12345678901234567890`, as the examples have it.
    private let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func examplesGiveTheirCodes(seconds: Int64, code: String) throws {
        let password = try #require(OneTimePassword(base32: secret))
        #expect(password.code(OneTimePassword.step(at: seconds)) == code)
        #expect(password.step(of: code, at: seconds) == seconds / 30)
        // Clocks differ a little.
        #expect(password.step(of: code, at: seconds + 30) == seconds / 30)
        #expect(password.step(of: code, at: seconds + 60) == nil)
    }

    @Test func secretsAreWrittenAsTheyAreRead() throws {
        #expect(try #require(OneTimePassword(base32: secret)).base32 == secret)
        #expect(try #require(OneTimePassword(base32: secret.lowercased() + "====")).base32 == secret)
        for wrong in ["", "1", "GEZD!", "GEZ0", "ĠEZD", "=", "G\u{301}"] {
            #expect(OneTimePassword(base32: wrong) == nil)
        }
        let (first, second) = (OneTimePassword(), OneTimePassword())
        #expect(first.base32.utf8.count == 32 && first.base32 != second.base32)
        #expect(first.code(7) == OneTimePassword(base32: first.base32)?.code(7))
    }

    @Test func oddCodesAreNone() throws {
        let password = try #require(OneTimePassword(base32: secret))
        for code in ["", "28708", "2870820", "287082 ", "２８７０８２", "-87082"] {
            #expect(password.step(of: code, at: 59) == nil)
        }
        #expect(password.step(of: "755224", at: 0) == 0)
        #expect(OneTimePassword.step(at: -5) == 0)
    }
}
