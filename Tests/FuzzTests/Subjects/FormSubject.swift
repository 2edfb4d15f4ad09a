import HTTPTypes
import JSON

@testable import Gateway

/// Bodies that are recognised, forms among them, and ranges of files.
struct FormSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "a=1&b=x+y%26&m[p][q]=pro&t[]=a&t[]=b", "data=%7B%22a%22%3A1%7D", "%7B%22a%22%3A%22b%26c%22%7D",
        "m=%7B%22a%22%3A1.50%7D",
        "bytes=0-1,-5,7-", "{}\n{}",
    ])
    let tokens: [[UInt8]] = .texts([
        "[]", "[a]", "=", "&", "%5B", "%7B%7D", "%00", "%22", "{", "}", "\n", "bytes=", "-", ",", "9223372036854775808",
        "\u{FEFF}",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        var outcome = ""
        switch ByteRange(.get, [.range: String(decoding: input, as: UTF8.self)], of: 100, tag: "") {
        case .whole: break
        case .part(let range):
            try require(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= 100, "a part lies outside")
            outcome += " part"
        case .unsatisfiable: outcome += " outside"
        }
        let type = try DeclaredType("application/x-www-form-urlencoded")
        let form: FormFields
        do {
            guard let read = try FormFields(input, type) else { return outcome }
            form = read
        } catch {
            return outcome + " \(error.message.prefix(20))"
        }
        let (bytes, isList) = form.json(takesList: random.once(in: 2))
        guard let document = try? JSONDocument(parsing: bytes) else { return outcome + " no JSON" }
        try require((document.root.kind == .array) == isList, "what is called a list is none, or the other way round")
        return outcome + " \(document.root.kind) \(min(document.root.count, 5))"
    }
}
