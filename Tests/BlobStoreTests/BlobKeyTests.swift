import BlobStore
import Testing

struct BlobKeyTests {
    @Test(arguments: [
        "a", "exports/12/2025-W19.parquet", "A-Z_0.9", "-leading", "a..b", String(repeating: "x", count: 255),
    ])
    func accepts(_ path: String) throws {
        #expect(try BlobKey(path).path == path)
    }

    @Test(arguments: [
        "", "/", "/etc/passwd", "a/", "a//b", "..", ".", "../a", "a/../b", "a/./b", ".hidden", "a/.unfinished/b", "a b",
        "a\\b", "a\0b", "a\nb", "ä", "a%2F..", "a?b", "a#b", "~root", "C:\\x", "a:b", "a/*", "\u{202E}a",
        String(repeating: "x", count: 256), Array(repeating: "abcdefghi", count: 91).joined(separator: "/"),
    ])
    func refuses(_ path: String) {
        #expect(throws: BlobStoreError.self) { try BlobKey(path) }
    }

    @Test func appendingIsCheckedToo() throws {
        let key = try BlobKey("exports/12")
        #expect(try key.appending("week/a.csv").path == "exports/12/week/a.csv")
        #expect(try key.appending("week/a.csv").name == "a.csv")
        #expect(throws: BlobStoreError.self) { try key.appending("../13/a.csv") }
        #expect(throws: BlobStoreError.self) { try key.appending("") }
    }

    @Test func ordersByBytes() throws {
        let keys = try ["b", "a/b", "a-b", "a", "B"].map { try BlobKey($0) }
        #expect(keys.sorted().map(\.path) == ["B", "a", "a-b", "a/b", "b"])
    }
}
