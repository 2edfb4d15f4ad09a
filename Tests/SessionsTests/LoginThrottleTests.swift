import ControlStore
import Schema
import TestSupport
import Testing
import Time

@testable import Sessions

/// How long whoever guesses has to wait.
@Suite struct LoginThrottleTests {
    private let folder: TemporaryFolder
    private let store: ControlStore
    private let throttle = LoginThrottle()
    private let start = HandClock.start

    init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
    }

    private func fail(_ subject: LoginThrottle.Subject, _ times: Int) async throws {
        try await store.write { [throttle, start] database in
            for _ in 0..<times { try throttle.note([subject], at: start, in: database) }
        }
    }

    private func wait(_ subject: LoginThrottle.Subject) async throws -> Int64? {
        try await store.read { [throttle, start] in try throttle.wait([subject], at: start, in: $0) }
    }

    @Test func waitsDoubleUpToAQuarterOfAnHour() async throws {
        try await fail(.user("Ann@x.example"), 5)
        #expect(try await wait(.user("ann@x.example")) == nil)
        for expected in [2, 4, 8, 16] as [Int64] {
            try await fail(.user("ann@X.example"), 1)
            #expect(try await wait(.user("ann@x.example")) == expected)
        }
        try await fail(.user("ann@x.example"), 100)
        #expect(try await wait(.user("ann@x.example")) == 900)
        #expect(try await wait(.user("bob@x.example")) == nil)
    }

    @Test func addressesMayFailMoreOftenAndAreForgivenOne() async throws {
        try await fail(.address("192.0.2.1"), 51)
        #expect(try await wait(.address("192.0.2.1")) == 2)
        try await store.write { [throttle] in try throttle.forgive([.address("192.0.2.1")], in: $0) }
        #expect(try await wait(.address("192.0.2.1")) == nil)
        try await fail(.address("192.0.2.1"), 2)
        #expect(try await wait(.address("192.0.2.1")) == 4)
    }

    @Test func passwordsMustBeLongAndNoneOfTheFirst() {
        for bad in ["", "short12", "password", "PassWord1", "qwertyuiop", String(repeating: "x", count: 100)] {
            #expect(PasswordPolicy.fault(bad) != nil, "\(bad)")
        }
        for good in ["eight ch", "ünïcödé!", String(repeating: "x", count: 99)] {
            #expect(PasswordPolicy.fault(good) == nil, "\(good)")
        }
    }
}
