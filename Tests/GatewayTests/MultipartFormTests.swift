import Testing

@testable import Gateway

@Suite struct MultipartFormTests {
    private func form(_ body: String, boundary: String = "XX") throws(MultipartForm.Failure) -> [String] {
        let bytes = Array(body.utf8)
        return try MultipartForm(bytes, boundary: boundary).parts.map { part in
            "\(part.name)|\(part.fileName ?? "-")|\(part.contentType ?? "-")|"
                + String(decoding: bytes[part.range], as: UTF8.self)
        }
    }

    private static let file =
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n"

    @Test func partsAreFound() throws {
        let body =
            "--XX\r\n\(Self.file)a,b\r\n1,2\r\n--XX\r\ncontent-disposition:form-data; name=x\r\n\r\n\r\n--XX--\r\n"
        #expect(try form(body) == ["file|a.csv|text/csv|a,b\r\n1,2", "x|-|-|"])
        let parsed = try MultipartForm(Array(body.utf8), boundary: "XX")
        #expect(parsed["file"]?.fileName == "a.csv")
        #expect(parsed["FILE"] == nil)
    }

    @Test func marksThatCombineHideNoQuotes() throws {
        let disposition = "form-data; name=\"\u{301}f;\u{301}=\"; filename=\"a\\\"\u{301}.csv\""
        let body = "--XX\r\nContent-Disposition:\u{301} x\r\nContent-Disposition: \(disposition)\r\n\r\nx\r\n--XX--"
        #expect(try form(body).map { Array($0.utf8) } == [Array("\u{301}f;\u{301}=|a\"\u{301}.csv|-|x".utf8)])
        let names = ["\u{E9}", "e\u{301}"].map {
            "--XX\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($0)\r\n"
        }
        let bytes = Array((names.joined() + "--XX--").utf8)
        let parsed = try MultipartForm(bytes, boundary: "XX")
        #expect(parsed.parts.count == 2)
        #expect(parsed["e\u{301}"].map { Array(bytes[$0.range]) } == Array("e\u{301}".utf8))
    }

    @Test func whatStandsAroundThePartsDoesNotCount() throws {
        #expect(try form("preamble\r\n--XX\r\n\(Self.file)x\r\n--XX--epilogue--XX") == ["file|a.csv|text/csv|x"])
        #expect(try form("--XX--") == [])
        #expect(try form("\r\n--XX--\r\n") == [])
    }

    @Test(arguments: ["x", "--X", "\r\n-XX", "--", "\r\n", "\r\n--", "\r\n--X", "a--XXb", "\n--XX\n", "é🎉\u{0}"])
    func contentMayLookLikeABoundary(_ content: String) throws {
        #expect(try form("--XX\r\n\(Self.file)\(content)\r\n--XX--\r\n") == ["file|a.csv|text/csv|\(content)"])
    }

    @Test func aNestedFormIsContent() throws {
        let inner = "--YY\r\n\(Self.file)inner\r\n--YY--"
        #expect(try form("--XX\r\n\(Self.file)\(inner)\r\n--XX--") == ["file|a.csv|text/csv|\(inner)"])
    }

    @Test(arguments: [
        "", "x", "--XX", "--XX\r\n", "--XX\r\n\r\n", "--XX\n\n", "--XXY\r\n", "--XX-", "--XX\r\n\(file)",
        "--XX\r\n\(file)x",
        "--XX\r\n\(file)x\r\n--XX", "--XX\r\n\(file)x\r\n--XX-", "--XX\r\n\(file)x\r\n--XX\r\n",
        "--XX\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--", "--XX\r\nName: x\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nx\r\n--XX--",
    ])
    func brokenFormsAreRefused(_ body: String) {
        #expect(throws: MultipartForm.Failure.self) { try form(body) }
    }

    @Test func everyCutIsNoticed() throws {
        let whole = "--XX\r\n\(Self.file)a,b\r\n--XX\r\n\(Self.file)c\r\n--XX--"
        #expect(try form(whole).count == 2)
        for count in 0..<whole.utf8.count {
            let cut = String(decoding: Array(whole.utf8).prefix(count), as: UTF8.self)
            #expect(throws: MultipartForm.Failure.self, "\(count)") { try form(cut) }
        }
    }

    @Test func hugeHeadersAndManyPartsAreRefused() throws {
        let huge = "--XX\r\nX: \(String(repeating: "y", count: 10_000))\r\n\(Self.file)x\r\n--XX--"
        #expect(throws: MultipartForm.Failure.self) { try form(huge) }
        func many(_ count: Int) -> String {
            String(repeating: "--XX\r\n\(Self.file)x\r\n", count: count) + "--XX--"
        }
        #expect(try form(many(32)).count == 32)
        #expect(throws: MultipartForm.Failure.self) { try form(many(33)) }
    }

    @Test func aLargeBodyIsSearchedOnce() throws {
        let content = String(repeating: "\r\n--X\r\n", count: 200_000)
        #expect(try form("--XX\r\n\(Self.file)\(content)\r\n--XX--").count == 1)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("multipart/form-data; boundary=\"a b;c\"", "a b;c"),
        ("Multipart/Form-Data;charset=utf-8;Boundary=abc ", "abc"),
        ("multipart/form-data; boundary=\"a\\\"b\"", "a\"b"),
        (
            "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW; x=y",
            "----WebKitFormBoundary7MA4YWxkTrZu0gW"
        ),
    ])
    func boundariesAreRead(_ header: String, boundary: String) {
        #expect(MultipartForm.boundary(of: header) == boundary)
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"", "multipart/mixed; boundary=abc", "text/plain; boundary=abc",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func otherHeadersHaveNone(_ header: String) {
        #expect(MultipartForm.boundary(of: header) == nil)
    }
}
