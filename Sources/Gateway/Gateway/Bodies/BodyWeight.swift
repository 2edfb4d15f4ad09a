/// What reading a body as JSON takes of memory, told from its bytes before anything is made of them.
enum BodyWeight {
    /// A value as the parser keeps it.
    static let parsedValueBytes = 48
    /// A value that is also made into one that can be changed and stored.
    static let madeValueBytes = 128

    /// The most values that a text can hold: each but the first follows a comma or an opening bracket, and in
    /// newline-delimited JSON perhaps a line feed.
    static func mostValues(in text: [UInt8], hasLines: Bool) -> Int {
        text.withUnsafeBufferPointer { text in
            // Without branches, so that the compiler takes many bytes at a time.
            var separators = 0
            for byte in text {
                let isComma: UInt8 = byte == 0x2C ? 1 : 0
                // "[" and "{" differ in one bit.
                let opens: UInt8 = byte | 0x20 == 0x7B ? 1 : 0
                separators &+= Int(isComma | opens)
            }
            guard hasLines else { return separators + 1 }
            var lines = 0
            for byte in text { lines &+= byte == 0x0A ? 1 : 0 }
            return separators + lines + 1
        }
    }

    /// Bytes that a JSON text and what is read from it take together: the parser keeps a copy of the text.
    static func bytes(of text: [UInt8], hasLines: Bool, valueBytes: Int) -> Int {
        2 * text.count + valueBytes * mostValues(in: text, hasLines: hasLines)
    }
}
