import CSimdjson

/// One line of newline-delimited JSON.
public struct JSONLine: Sendable {
    /// The number of the line, from 1; blank lines count.
    public let number: Int
    /// Where the line stands in the bytes, without its line ending.
    public let range: Range<Int>
    /// The document on the line, or why it is none.
    public let result: Result<JSONDocument, JSONError>
}

/// The lines of newline-delimited JSON (LF or CRLF), each parsed on its own when it is reached, so that a bad line
/// spoils no other. Blank lines are skipped; the last line needs no ending.
public struct JSONLines: Sequence, IteratorProtocol, Sendable {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0
    private var number = 0

    /// The lines of these bytes; the limits hold for each line.
    public init(_ bytes: [UInt8], limits: JSONLimits = .standard) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The next line that is not blank, or nil after the last.
    public mutating func next() -> JSONLine? {
        let limits = limits
        var position = position
        var number = number
        defer {
            self.position = position
            self.number = number
        }
        return bytes.withUnsafeBytes { Self.next(in: $0, from: &position, number: &number, limits: limits) }
    }

    /// Calls the body with each line of bytes that are not in an array, such as a network buffer.
    public static func forEach<Failure: Error>(
        in bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard, _ body: (JSONLine) throws(Failure) -> Void
    ) throws(Failure) {
        var position = 0
        var number = 0
        while let line = next(in: bytes, from: &position, number: &number, limits: limits) { try body(line) }
    }

    private static func next(
        in bytes: UnsafeRawBufferPointer, from position: inout Int, number: inout Int, limits: JSONLimits
    ) -> JSONLine? {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        while position < bytes.count {
            let start = position
            var end = csimdjson_line_end(base, bytes.count, start)
            position = end + 1
            number += 1
            if end > start, base[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
            let result = Result { () throws(JSONError) in try JSONDocument(parsing: line, limits: limits) }
            return JSONLine(number: number, range: start..<end, result: result)
        }
        return nil
    }
}
