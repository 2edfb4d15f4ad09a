import HTTPTypes
import Testing

@testable import Gateway

@Suite struct ByteRangeTests {
    private func range(
        _ field: String, ifRange: String? = nil, of size: Int = 10, method: HTTPRequest.Method = .get
    ) -> ByteRange {
        var headers: HTTPFields = [.range: field]
        headers[.ifRange] = ifRange
        return ByteRange(method, headers, of: size, tag: "\"t\"")
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=2-4", 2..<5), ("bytes=7-", 7..<10), ("bytes=-3", 7..<10), ("bytes=-99", 0..<10),
        ("BYTES=5-99", 5..<10), ("bytes= 5-5 ", 5..<6), ("bytes=0-99999999999999999999", 0..<10),
        ("bytes=-9223372036854775808", 0..<10),
    ])
    func partsAreGiven(_ field: String, _ part: Range<Int>) {
        #expect(range(field) == .part(part))
        #expect(range(field, method: .head) == .whole)
    }

    @Test(arguments: ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=10-,20-", "bytes=99999999999999999999-"])
    func whatLiesOutsideIsNotThere(_ field: String) {
        #expect(range(field) == .unsatisfiable)
    }

    @Test(arguments: [
        "bytes=4-2", "bytes=-", "bytes=", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=--1", "bytes 0-1",
    ])
    func whatCannotBeReadDoesNotCount(_ field: String) {
        #expect(range(field) == .whole)
    }

    @Test func anEmptyFileHasNoParts() {
        #expect(range("bytes=0-", of: 0) == .unsatisfiable)
        #expect(range("bytes=-1", of: 0) == .unsatisfiable)
    }

    @Test(arguments: ["\"u\"", "W/\"t\"", "t", "Fri, 27 Nov 2026 00:00:00 GMT", ""])
    func partsOfAnotherFileAreNotAsked(_ tag: String) {
        #expect(range("bytes=0-1", ifRange: tag) == .whole)
        #expect(range("bytes=10-", ifRange: tag) == .whole)
        #expect(range("bytes=0-1", ifRange: "\"t\"") == .part(0..<2))
    }
}
