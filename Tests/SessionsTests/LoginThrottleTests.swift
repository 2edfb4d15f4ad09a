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

    @Test func failuresFromAnAddressCoolWhileOthersComeAndGo() async throws {
        func note(_ seconds: Int64, forgiven: Bool) async throws {
            try await store.write { [throttle, start] database in
                let subject = LoginThrottle.Subject.address("192.0.2.1")
                try throttle.note([subject], at: start.adding(seconds: seconds), in: database)
                if forgiven { try throttle.forgive([subject], in: database) }
            }
        }
        for second in 0..<45 { try await note(Int64(second), forgiven: false) }
        // People log in all the time, and one in a while mistypes.
        for minute in 1..<60 {
            for second in [0, 20, 40] as [Int64] { try await note(Int64(minute) * 60 + second, forgiven: second > 0) }
        }
        let wait = try await store.read { [throttle, start] in
            try throttle.wait([.address("192.0.2.1")], at: start.adding(seconds: 3_600), in: $0)
        }
        #expect(wait == nil)
        try await fail(.address("192.0.2.7"), 500)
        #expect(try await self.wait(.address("192.0.2.7")) == 30)
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
