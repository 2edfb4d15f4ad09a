import Testing

@testable import Identity

struct PasswordHashTests {
    @Test(arguments: ["correct horse", "ünicode 😀 pässword", "with\u{0}nul", String(repeating: "x", count: 256)])
    func verifiesItsOwnPasswordOnly(password: String) async throws {
        let hash = try await PasswordHash.make(password)
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await PasswordHash.verify(password, against: hash))
        #expect(try await PasswordHash.verify(password + " ", against: hash) == false)
        #expect(try await PasswordHash.verify("", against: hash) == false)
    }

    @Test func saltsDiffer() async throws {
        #expect(try await PasswordHash.make("same") != PasswordHash.make("same"))
    }

    /// Made by the reference implementation's command line: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`.
    @Test func verifiesAKnownHash() async throws {
        let hash =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try await PasswordHash.verify("password", against: hash))
        #expect(try await PasswordHash.verify("Password", against: hash) == false)
    }

    @Test(arguments: ["", "$argon2id$", "plain", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA"])
    func malformedHashesMatchNothing(hash: String) async throws {
        #expect(try await PasswordHash.verify("password", against: hash) == false)
    }
}
