import HTTPTypes
import Text

/// What a body says it is: its `Content-Type`.
struct DeclaredType {
    /// Lower case, without parameters; empty when nothing is said.
    let essence: String
    /// As it came.
    let field: String

    /// UTF-8, and what is a part of it.
    private static let charsets = ["utf-8", "utf8", "us-ascii", "ascii"]
    private static let lines = [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    ]

    /// - Throws: `APIError` 415 when the text is in another encoding than UTF-8.
    init(_ field: String?) throws(APIError) {
        self.field = field ?? ""
        // Nearly every request says exactly this, and is spared the work.
        guard let field, field != "application/json" else {
            essence = field ?? ""
            return
        }
        essence = field.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard let charset = HeaderParameters(field)["charset"], !charset.isEmpty else { return }
        guard Self.charsets.contains(Self.withoutQuotes(charset).lowercased()) else {
            throw APIError(.unsupportedMediaType, "The charset \(charset.prefix(40)) is not supported; send UTF-8.")
        }
    }

    /// Some clients take an apostrophe for a quote.
    private static func withoutQuotes(_ charset: String) -> String {
        guard charset.utf8.count > 1, charset.hasBytePrefix("'"), charset.hasByteSuffix("'") else { return charset }
        return String(Substring(charset.utf8.dropFirst().dropLast()))
    }

    var isForm: Bool { essence == "application/x-www-form-urlencoded" }

    var isLines: Bool { Self.lines.contains(essence) }

    var isJSON: Bool { essence == "application/json" || essence == "text/json" || essence.hasByteSuffix("+json") }
}
