import ControlStore
import Schema
import TestSupport
import Testing
import Time

@testable import Identity
@testable import Sessions

/// Steps of logins, and codes that are mailed.
@Suite struct LoginStepTests {
    private let folder: TemporaryFolder
    private let store: ControlStore
    private let start = HandClock.start

    init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
    }

    private func user() async throws -> Int64 {
        try await store.write { [start] database in
            try database.insert(
                sql: "INSERT INTO users (email, password_hash, created_at) VALUES ('ann@x.example', '', ?)",
                arguments: [start])
        }
    }

    @Test(arguments: [LoginStep.Purpose.mfa, .newPassword, .reset, .email])
    func stepsAndCodesEndAfterTenMinutes(_ purpose: LoginStep.Purpose) async throws {
        let id = try await user()
        try await store.write { [start] database in
            let token = try LoginStep.make(purpose, id, at: start, in: database)
            let (last, late) = (start.adding(seconds: 599), start.adding(seconds: 600))
            #expect(try LoginStep.isGood(token, purpose, at: last, in: database))
            #expect(try !LoginStep.isGood(token, purpose, at: late, in: database))
            #expect(try LoginStep.attempt(token, purpose, at: late, in: database) == nil)
            #expect(try LoginStep.attempt(token, purpose, at: last, in: database)?.userID == id)
            // Another one takes its place.
            _ = try LoginStep.make(purpose, id, at: start, in: database)
            #expect(try LoginStep.attempt(token, purpose, at: start, in: database) == nil)
        }
    }

    @Test func aStepTakesFiveCodes() async throws {
        let id = try await user()
        try await store.write { [start] database in
            let token = try LoginStep.make(.mfa, id, at: start, in: database)
            for _ in 0..<5 { #expect(try LoginStep.attempt(token, .mfa, at: start, in: database) != nil) }
            #expect(try LoginStep.attempt(token, .mfa, at: start, in: database) == nil)
            // What is for one purpose is for no other.
            let code = try LoginStep.make(.email, id, detail: "new@x.example", at: start, in: database)
            #expect(try LoginStep.attempt(code, .reset, at: start, in: database) == nil)
            #expect(try LoginStep.attempt(code, .email, at: start, in: database)?.detail == "new@x.example")
        }
    }
}
