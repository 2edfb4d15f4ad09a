import Testing

@testable import TextGeneration

struct EventLinesTests {
    private static let stream = ": comment\r\nevent: x\r\ndata: {\"a\":\"ä\"}\r\n\r\ndata:two\n\ndata: \n\ndata: left"

    /// However the network cuts it, the events are the same.
    @Test(arguments: 1...Self.stream.utf8.count) func `cuts change nothing`(size: Int) {
        var lines = EventLines()
        var found: [String] = []
        var rest = Array(Self.stream.utf8)[...]
        while !rest.isEmpty {
            found += lines.take(rest.prefix(size)).map { String(decoding: $0, as: UTF8.self) }
            rest = rest.dropFirst(size)
        }
        #expect(found == ["{\"a\":\"ä\"}", "two", ""])
    }
}
