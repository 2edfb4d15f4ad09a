import Testing

@testable import BlobStore

struct ContentDispositionTests {
    @Test func plainNames() throws {
        #expect(try ContentDisposition.attachment(fileName: "May 2025.csv") == "attachment; filename=\"May 2025.csv\"")
    }

    @Test func otherNamesHaveAFallback() throws {
        #expect(
            try ContentDisposition.attachment(fileName: "Übersicht \"€\".csv")
                == "attachment; filename=\"_bersicht ___.csv\"; "
                + "filename*=UTF-8''%C3%9Cbersicht%20%22%E2%82%AC%22.csv")
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "a\\b", "a\r\nSet-Cookie: x", "a\0", "a\u{85}b", "a\u{2028}b",
        String(repeating: "é", count: 128),
    ])
    func refuses(_ name: String) {
        #expect(throws: BlobStoreError.self) { try ContentDisposition.attachment(fileName: name) }
    }

    @Test func aRefusalShowsNoControlCharacters() {
        let error = #expect(throws: BlobStoreError.self) { try ContentDisposition.attachment(fileName: "a\r\nb") }
        #expect(error?.description.contains("\n") == false)
    }
}
