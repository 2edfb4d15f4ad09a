/// The header with which a browser saves a download under a given name (RFC 6266, RFC 8187).
enum ContentDisposition {
    /// `attachment` with `fileName`, as plain ASCII and, when that loses something, also as UTF-8.
    /// - Throws: ``BlobStoreError/invalidFileName(_:reason:)`` for names that are empty, longer than 255 bytes, or hold
    ///   slashes or control characters.
    static func attachment(fileName: String) throws(BlobStoreError) -> String {
        guard !fileName.isEmpty, fileName != ".", fileName != ".." else {
            throw .invalidFileName(fileName, reason: "it is empty or only dots")
        }
        guard fileName.utf8.count <= 255 else {
            throw .invalidFileName(String(fileName.prefix(64)), reason: "it is longer than 255 bytes")
        }
        var fallback = ""
        for scalar in fileName.unicodeScalars {
            switch scalar {
            case "/", "\\": throw .invalidFileName(fileName, reason: "it has a slash")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                throw .invalidFileName(
                    fileName.unicodeScalars.map { $0.escaped(asASCII: true) }.joined(),
                    reason: "it has a control character")
            case "\"", "%": fallback.append("_")
            case " "..."~": fallback.unicodeScalars.append(scalar)
            default: fallback.append("_")
            }
        }
        guard fallback != fileName else { return "attachment; filename=\"\(fileName)\"" }
        return "attachment; filename=\"\(fallback)\"; filename*=UTF-8''\(PercentEncoding.encode(fileName))"
    }
}
