import EventStore
import JSON
import Testing

@testable import Events
@testable import UserpilotAPI

@Suite struct PropertyLimitTests {
    private func identify(_ metadata: String) throws -> EventRejection? {
        try EventDecoder.sample { $0.typeRule = .fixed(.identifyUser) }
            .rejection(#"{"user_id": "u", "metadata": \#(metadata)}"#)
    }

    private func track(_ metadata: String, limits: IngestionLimits = .track) throws -> EventRejection? {
        try EventDecoder.sample {
            $0.typeRule = .fixed(.track)
            $0.limits = limits
        }.rejection(#"{"user_id": "u", "event_name": "e", "metadata": \#(metadata)}"#)
    }

    @Test func fiveHundredPropertiesAreAllowed() throws {
        func metadata(_ count: Int) -> String { "{\((0..<count).map { "\"p\($0)\":\($0)" }.joined(separator: ","))}" }
        #expect(try identify(metadata(500)) == nil)
        let rejection = try identify(metadata(501))
        #expect(rejection?.reason == .tooManyProperties)
        #expect(rejection?.field == "metadata")
        #expect(rejection?.message.contains("501") == true)
    }

    @Test func namesMayHave255Characters() throws {
        for character in ["x", "é", "日", "🎉"] {
            let name = String(repeating: character, count: 255)
            #expect(try identify("{\"\(name)\": 1}") == nil)
            let rejection = try identify("{\"\(name)\(character)\": 1}")
            #expect(rejection?.reason == .tooLong)
            #expect(rejection?.message.contains("256") == true)
            // A message must not repeat what is too long.
            #expect(rejection.map { $0.field.count < 100 && $0.message.count < 200 } == true)
        }
    }

    @Test func textsMayHave65535Characters() throws {
        for character in ["x", "é"] {
            let text = String(repeating: character, count: 65_535)
            #expect(try identify("{\"p\": \"\(text)\"}") == nil)
            let rejection = try identify("{\"p\": \"\(text)\(character)\"}")
            #expect(rejection?.reason == .tooLong)
            #expect(rejection?.field == "metadata.p")
        }
        // Escapes count as the characters they stand for.
        let escaped = String(repeating: "\\u00e9", count: 65_535)
        #expect(try identify("{\"p\": \"\(escaped)\"}") == nil)
    }

    @Test func aLiveTrackCallHoldsTenKilobytes() throws {
        // {"p":"..."} has eight bytes beside the text.
        let text = String(repeating: "x", count: 10 * 1_024 - 8)
        #expect(try track("{\"p\":\"\(text)\"}") == nil)
        let rejection = try track("{\"p\":\"\(text)x\"}")
        #expect(rejection?.reason == .propertiesTooLarge)
        #expect(rejection?.field == "metadata")
        #expect(try track("{\"p\":\"\(text)x\"}", limits: .standard) == nil)
        let large = String(repeating: "x", count: 40_000)
        #expect(try track("{\"p\":\"\(large)\",\"q\":\"\(large)\"}", limits: .standard)?.reason == .propertiesTooLarge)
        #expect(try identify("{\"p\":\"\(large)\",\"q\":\"\(large)\"}") == nil)
    }

    @Test func anyKindOfValueIsKeptAsItCame() throws {
        let metadata = #"{"a":null,"b":[{"c":1e2}],"d":{"e":"é\n"},"f":12345678901234567890,"g":-0.0}"#
        let decoder = EventDecoder.sample { $0.typeRule = .fixed(.identifyUser) }
        #expect(try decoder.batch(#"{"user_id": "u", "metadata": \#(metadata)}"#)[0][.properties] == metadata)
        #expect(try decoder.batch(#"{"user_id": "u", "metadata": {}}"#)[0][.properties] == "{}")
    }
}
