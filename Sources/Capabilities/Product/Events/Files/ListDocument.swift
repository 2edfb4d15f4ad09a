/// Tells a JSON object with a list of rows from lines with an object each.
///
/// It looks at brackets and quotes only: a value that JSON cannot hold costs its row and does not hide the list.
struct ListDocument {
    private var bytes: ByteCursor
    private let list: [UInt8]
    private var byteCount = 0
    private var hasList = false

    /// Whether a text that begins with an object is that object alone, and it has a list of this name. One that is cut
    /// off, or longer than a document may be, is one as well where it gets as far as the list.
    static func isOne(_ source: UploadSource, list: String) -> Bool {
        var document = ListDocument(bytes: ByteCursor(source.pieces()), list: Array(list.utf8))
        let isWhole = document.passOverObject()
        return document.hasList && (!isWhole || document.peekBehindBlanks() == nil)
    }

    private init(bytes: ByteCursor, list: [UInt8]) {
        self.bytes = bytes
        self.list = list
    }

    /// False when there is no end of it.
    private mutating func passOverObject() -> Bool {
        var depth = 0
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""):
                let text = passOverString()
                if depth == 1, text == list { hasList = isKeyOfList() || hasList }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return true }
            default: break
            }
        }
        return false
    }

    /// Behind its first quote; ends behind its last.
    /// - Returns: what it says, as far as that can be the list's name.
    private mutating func passOverString() -> [UInt8] {
        var text: [UInt8] = []
        while let byte = next(), byte != UInt8(ascii: "\"") {
            if text.count <= list.count { text.append(byte) }
            if byte == UInt8(ascii: "\\") { _ = next() }
        }
        return text
    }

    private mutating func isKeyOfList() -> Bool {
        guard peekBehindBlanks() == UInt8(ascii: ":") else { return false }
        _ = next()
        return peekBehindBlanks() == UInt8(ascii: "[")
    }

    private mutating func peekBehindBlanks() -> UInt8? {
        while let byte = bytes.peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { _ = next() }
        return bytes.peek()
    }

    private mutating func next() -> UInt8? {
        guard byteCount <= UploadService.maximumBytes else { return nil }
        byteCount += 1
        return bytes.next()
    }
}
