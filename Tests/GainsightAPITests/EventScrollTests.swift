import Cryptography
import EventStore
import Testing
import Time

@testable import GainsightAPI

@Suite struct EventScrollTests {
    private let key = SecretKey(Array(repeating: UInt8(7), count: 32))

    private func scroll(
        keys: [EventList.Place.Key], filters: [String] = ["a==1;b==\u{E9}", "c~*"], sort: String? = "-date;accountId"
    ) -> EventScroll {
        EventScroll(
            operationID: "listCustomEvents", keyID: 3, environmentID: .max, filters: filters, sort: sort,
            pageSize: 1_000, dates: ["1749000000000", ""],
            range: Timestamp(microseconds: -5)..<Timestamp(microseconds: 1_750_000_000_000_001),
            upTo: LogPosition(at: Timestamp(seconds: 1_750_000_000)), totalCount: 12,
            place: EventList.Place(keys: keys, event: EventIdentifier(earliestAt: Timestamp(seconds: 1_749_000_000))))
    }

    @Test func comesBackAsItWas() throws {
        let places: [[EventList.Place.Key]] = [
            [], [.time(-1), .text("")], [.text("a.b \u{1F600} \"\\"), .time(.max)],
        ]
        for keys in places {
            let original = scroll(keys: keys)
            let read = try #require(EventScroll(original.encoded(key: key), key: key))
            #expect(read.operationID == original.operationID && read.keyID == 3 && read.environmentID == .max)
            #expect(read.filters == original.filters && read.sort == original.sort && read.pageSize == 1_000)
            #expect(read.range == original.range && read.upTo == original.upTo && read.totalCount == 12)
            #expect(read.place == original.place && read.dates == original.dates)
        }
        let bare = scroll(keys: [], filters: [], sort: nil)
        let read = try #require(EventScroll(bare.encoded(key: key), key: key))
        #expect(read.filters.isEmpty && read.sort == nil)
    }

    @Test func needsNoEscapeInAnAddress() {
        let text = scroll(keys: [.text("???>>>~~~")]).encoded(key: key)
        #expect(
            text.utf8.allSatisfy { byte in
                "-_.".utf8.contains(byte) || Character(UnicodeScalar(byte)).isLetter
                    || Character(UnicodeScalar(byte)).isNumber
            })
    }

    @Test func whatWasChangedIsNone() {
        let text = scroll(keys: [.time(5)]).encoded(key: key)
        #expect(EventScroll(text, key: SecretKey(Array(repeating: UInt8(8), count: 32))) == nil)
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let read = EventScroll(String(decoding: changed, as: UTF8.self), key: key)
            // The last characters of base64 hold bits that mean nothing: what is read is then the same.
            #expect(read.map { $0.encoded(key: key) == text } ?? true)
        }
        for wrong in ["", ".", "a", "a.b", text + ".", "." + text, text + "0", String(text.dropLast())] {
            #expect(EventScroll(wrong, key: key) == nil)
        }
    }
}
