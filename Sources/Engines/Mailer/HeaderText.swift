import Foundation

/// Text in header fields: plain where ASCII suffices, else encoded words (RFC 2047), folded to lines of at most 76.
enum HeaderText {
    /// Bytes of text in one encoded word: 52 characters of base64 and 12 around them fit behind `Subject: `.
    private static let wordSize = 39

    /// Refuses what could end a header line.
    /// - Throws: ``MailError/invalidMessage(field:reason:)``.
    static func check(_ text: String, field: String, limit: Int) throws(MailError) {
        guard text.count <= limit, text.utf8.count <= limit * 4 else {
            throw .invalidMessage(field: field, reason: "it is longer than \(limit) characters")
        }
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
        }
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw .invalidMessage(field: field, reason: "it has a line break or another control character")
        }
    }

    /// `text` as the value of an unstructured field called `name`.
    static func unstructured(_ text: String, after name: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        // A blank at an end or beside another might not survive folding; a plain '=?' would be taken for an encoded word.
        let isPlain = words.allSatisfy { word in
            (1...60).contains(word.utf8.count) && word.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        guard isPlain, !text.contains("=?") else { return encoded(text) }
        var folded = ""
        var lineLength = name.utf8.count + 1
        for word in words {
            if lineLength + 1 + word.utf8.count > 76 {
                folded += "\r\n"
                lineLength = 0
            }
            folded += (folded.isEmpty ? "" : " ") + word
            lineLength += 1 + word.utf8.count
        }
        return folded
    }

    /// `mailbox` as the value of an address field.
    static func mailbox(_ mailbox: Mailbox) -> String {
        guard let name = mailbox.name else { return mailbox.address.text }
        let isPlain =
            name.utf8.count <= 60 && name.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !name.contains("=?")
        let phrase =
            isPlain
            ? "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" : encoded(name)
        return "\(phrase)\r\n <\(mailbox.address.text)>"
    }

    private static func encoded(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            if word.utf8.count + UTF8.width(scalar) > wordSize {
                words.append(word)
                word = ""
            }
            word.unicodeScalars.append(scalar)
        }
        if !word.isEmpty { words.append(word) }
        return words.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
