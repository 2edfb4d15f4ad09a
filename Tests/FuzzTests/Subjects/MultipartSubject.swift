import JSON

@testable import Gateway

/// Forms, header parameters, packed bodies and cursors.
struct MultipartSubject: FuzzSubject {
    let samples: [[UInt8]] =
        .texts([
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n"
                + "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b--\r\n",
            "preamble--b\r\n\r\n\r\n--b--", "--b--", "--b\r\n\r\n--b",
            "form-data; name=\"f\\\"ile\"; filename*=utf-8''%e2%82%ac.csv; filename=\"x",
            "multipart/form-data; boundary=b",
            "YWZ0ZXI6NDI",
        ]) + [[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 4, 0, 0x43, 0xBE, 0xB7, 0xE8, 1, 0, 0, 0]]
    let tokens: [[UInt8]] =
        .texts([
            "--b", "--b--", "\r\n", "\r\n\r\n", "Content-Disposition: ", "name=", "filename=", "filename*=utf-8''", ";",
            "boundary=", "\"", "\\\"", "%00", "YWZ0ZXI6",
        ]) + [[0x1F, 0x8B, 8, 0]]

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        var outcome = MultipartForm.boundary(of: text).map { "boundary \($0.utf8.count / 16)" } ?? ""
        if HeaderParameters(text).fileName != nil { outcome += " name" }
        if let cursor = try? PageCursor(text: text, field: "c") {
            try require((try PageCursor(text: cursor.text, field: "c")).lastID == cursor.lastID, "a cursor moves")
            outcome += " cursor"
        }
        if let unpacked = try? GzipDecoder.decode(input, maximumBytes: 100_000) {
            try require(unpacked.count <= 100_000, "\(unpacked.count) bytes unpacked")
            outcome += " gzip"
        }
        let form: MultipartForm
        do {
            form = try MultipartForm(input, boundary: random.once(in: 8) ? "" : "b")
        } catch {
            return outcome + " \(error)"
        }
        for part in form.parts {
            try require(part.range.upperBound <= input.count, "a part lies outside")
            _ = input[part.range]
        }
        return outcome + " parts \(form.parts.count) \(form["file"] != nil)"
    }
}
