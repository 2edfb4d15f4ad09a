import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct DeduplicationWindowTests {
    private static let hour: Int64 = 3_600

    @Test func anIdIsRememberedFor24HoursWhateverTheHour() {
        for offset in stride(from: Int64(0), to: 8 * Self.hour, by: 600) {
            let start = Timestamp(seconds: 1_750_000_000 + offset)
            var window = DeduplicationWindow(maximumCount: 1_000)
            window.insert(42, at: start)
            for hours: Int64 in 1...23 {
                window.insert(UInt64(1_000 + hours), at: start.adding(seconds: hours * Self.hour))
            }
            window.forget(asOf: start.adding(seconds: 24 * Self.hour))
            #expect(window.contains(42), "offset \(offset)")
        }
    }

    @Test func anIdIsForgottenAfter32Hours() {
        for offset in stride(from: Int64(0), to: 8 * Self.hour, by: 600) {
            let start = Timestamp(seconds: 1_750_000_000 + offset)
            var window = DeduplicationWindow(maximumCount: 1_000)
            window.insert(42, at: start)
            // Nothing comes in between: time alone must do it.
            window.forget(asOf: start.adding(seconds: 32 * Self.hour))
            #expect(!window.contains(42), "offset \(offset)")
            #expect(window.count == 0)
        }
    }

    @Test func aClockThatStepsBackForgetsNothing() {
        var window = DeduplicationWindow(maximumCount: 1_000)
        let start = HandClock.start
        window.insert(1, at: start)
        window.insert(2, at: start.adding(seconds: -20 * Self.hour))
        window.forget(asOf: start.adding(seconds: -20 * Self.hour))
        window.insert(3, at: start)
        #expect([1, 2, 3].allSatisfy { window.contains($0) })
        #expect(!window.contains(4))
    }

    @Test func memoryIsCappedEvenWithinOneGeneration() {
        var window = DeduplicationWindow(maximumCount: 1_000)
        var forgot = false
        for value in 1...UInt64(10_000) {
            forgot = window.insert(value, at: HandClock.start) || forgot
            #expect(window.count <= 1_000)
        }
        #expect(forgot)
        // The newest are the ones a client is likely to send again.
        #expect((9_501...10_000).allSatisfy { window.contains(UInt64($0)) })
        #expect(!window.contains(1))
    }

    @Test func belowTheCapNothingIsForgotten() {
        var window = DeduplicationWindow(maximumCount: 1_000)
        for value in 1...UInt64(1_000) {
            let forgot = window.insert(value, at: HandClock.start.adding(seconds: Int64(value) * 60))
            #expect(!forgot)
        }
        #expect((1...1_000).allSatisfy { window.contains(UInt64($0)) })
    }

    @Test func aTinyCapStillRemembersTheLast() {
        var window = DeduplicationWindow(maximumCount: 1)
        window.insert(1, at: HandClock.start)
        window.insert(2, at: HandClock.start)
        #expect(window.contains(2))
        #expect(window.count == 1)
    }

    @Test func fingerprintsDifferByEnvironmentIdAndProcess() {
        let window = DeduplicationWindow(maximumCount: 10)
        let other = DeduplicationWindow(maximumCount: 10)
        func fingerprint(_ window: DeduplicationWindow, _ environmentID: Int64, _ id: String) -> UInt64 {
            var id = id
            return id.withUTF8 { window.fingerprint(environmentID: environmentID, clientEventID: $0) }
        }
        #expect(fingerprint(window, 1, "e") == fingerprint(window, 1, "e"))
        #expect(fingerprint(window, 1, "e") != fingerprint(window, 2, "e"))
        #expect(fingerprint(window, 1, "e") != fingerprint(window, 1, "f"))
        #expect(fingerprint(window, 1, "e") != fingerprint(other, 1, "e"))
    }
}
