import Foundation
import Text

/// The parts of a `multipart/form-data` body (RFC 7578), as ranges of the body: nothing is copied.
public struct MultipartForm: Sendable {
    /// One part.
    public struct Part: Sendable {
        public let name: String
        public let fileName: String?
        public let contentType: String?
        /// Where its content lies in the body.
        public let range: Range<Int>
    }

    public enum Failure: Error, Sendable {
        case malformed(String)
    }

    public let parts: [Part]

    /// More parts than any client of ours sends.
    private static let maximumParts = 32
    private static let maximumHeaderBytes = 8 * 1_024

    /// - Parameters:
    ///   - body: the whole body.
    ///   - boundary: from the Content-Type header, without the leading dashes.
    public init(_ body: [UInt8], boundary: String) throws(Failure) {
        let delimiter = Array("--\(boundary)".utf8)
        let separator = Array("\r\n--\(boundary)".utf8)
        guard var position = Self.find(delimiter, in: body, from: 0) else {
            throw .malformed("The body does not contain the boundary that Content-Type names.")
        }
        position += delimiter.count
        var parts: [Part] = []
        while true {
            if body[position...].starts(with: "--".utf8) { break }
            guard body[position...].starts(with: "\r\n".utf8) else {
                throw .malformed("A boundary is not followed by a line break.")
            }
            position += 2
            guard let headerEnd = Self.find(Array("\r\n\r\n".utf8), in: body, from: position - 2),
                headerEnd - position <= Self.maximumHeaderBytes
            else { throw .malformed("A part's headers do not end.") }
            let contentStart = headerEnd + 4
            guard let contentEnd = Self.find(separator, in: body, from: contentStart - 2) else {
                throw .malformed("The last boundary is missing: the body was cut off.")
            }
            let headers = headerEnd > position ? body[position..<headerEnd] : []
            guard let part = Part(headers: headers, range: contentStart..<max(contentStart, contentEnd)) else {
                throw .malformed("A part has no name in its Content-Disposition.")
            }
            guard !part.name.utf8.contains(0), part.fileName?.utf8.contains(0) != true else {
                throw .malformed("A part's name or file name contains a NUL character.")
            }
            parts.append(part)
            guard parts.count <= Self.maximumParts else { throw .malformed("The form has too many parts.") }
            position = contentEnd + separator.count
        }
        self.parts = parts
    }

    public subscript(name: String) -> Part? {
        parts.first { $0.name.hasSameBytes(as: name) }
    }

    /// The boundary in a Content-Type header's value; nil when it is another type or names none.
    public static func boundary(of contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        guard let value = HeaderParameters(contentType)["boundary"], (1...70).contains(value.utf8.count) else {
            return nil
        }
        return value
    }

    /// The first place of `needle` at or after `start` (Horspool's search).
    private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        let length = needle.count
        guard bytes.count - start >= length else { return nil }
        var skip = [Int](repeating: length, count: 256)
        for (index, byte) in needle.dropLast().enumerated() { skip[Int(byte)] = length - 1 - index }
        return bytes.withUnsafeBufferPointer { bytes in
            var position = start
            while position + length <= bytes.count {
                let last = bytes[position + length - 1]
                if last == needle[length - 1], bytes[position..<position + length].elementsEqual(needle) {
                    return position
                }
                position += skip[Int(last)]
            }
            return nil
        }
    }
}

extension MultipartForm.Part {
    fileprivate init?(headers: ArraySlice<UInt8>, range: Range<Int>) {
        var disposition: String?
        var type: String?
        for line in headers.split(separator: Array("\r\n".utf8)) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let bytes = line[colon...].dropFirst().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            let value = String(decoding: bytes, as: UTF8.self)
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition": disposition = value
            case "content-type": type = value
            default: break
            }
        }
        guard let disposition else { return nil }
        let parameters = HeaderParameters(disposition)
        guard let name = parameters["name"] else { return nil }
        self.init(name: name, fileName: parameters.fileName, contentType: type, range: range)
    }
}

/// The parameters of a header value such as `form-data; name="file"; filename="a.csv"`.
struct HeaderParameters {
    private var values: [ClientText: String] = [:]

    private static let semicolon = UInt8(ascii: ";")
    private static let equals = UInt8(ascii: "=")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")

    /// Reads byte by byte: a mark that combines with a quote does not make it another character.
    init(_ header: String) {
        var rest = header.utf8[...]
        while let semicolon = rest.firstIndex(of: Self.semicolon) {
            rest = rest[semicolon...].dropFirst().drop { $0 == Self.space || $0 == Self.tab }
            guard let mark = rest.firstIndex(where: { $0 == Self.equals || $0 == Self.semicolon }) else { return }
            let name = ClientText(String(Substring(rest[..<mark].trimmed)).lowercased())
            let hasValue = rest[mark] == Self.equals
            rest = rest[mark...]
            guard hasValue else { continue }
            rest = rest.dropFirst().drop { $0 == Self.space || $0 == Self.tab }
            if rest.first == Self.quote {
                values[name] = Self.quoted(&rest)
            } else {
                let value = rest.prefix { $0 != Self.semicolon }
                rest = rest[value.endIndex...]
                values[name] = String(Substring(value.trimmed))
            }
        }
    }

    /// The text between quotes at the start of `rest`, which goes on at the closing one; a backslash stands before
    /// a byte that is meant as it is.
    private static func quoted(_ rest: inout Substring.UTF8View) -> String {
        var value: [UInt8] = []
        var isEscaped = false
        rest.removeFirst()
        while let byte = rest.first, isEscaped || byte != quote {
            rest.removeFirst()
            isEscaped = byte == backslash && !isEscaped
            if !isEscaped { value.append(byte) }
        }
        return String(decoding: value, as: UTF8.self)
    }

    subscript(name: ClientText) -> String? { values[name] }

    /// The name of a file: `filename*`, which says its encoding (RFC 5987), before `filename`.
    var fileName: String? {
        guard let extended = values["filename*"] else { return values["filename"] }
        let parts = extended.split(byte: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return values["filename"] }
        return parts[2].removingPercentEncoding ?? values["filename"]
    }
}
