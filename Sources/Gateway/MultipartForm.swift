import Foundation

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
            parts.append(part)
            guard parts.count <= Self.maximumParts else { throw .malformed("The form has too many parts.") }
            position = contentEnd + separator.count
        }
        self.parts = parts
    }

    public subscript(name: String) -> Part? {
        parts.first { $0.name == name }
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
        for line in String(decoding: headers, as: UTF8.self).split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            switch line[..<colon].lowercased() {
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
    private var values: [String: String] = [:]

    init(_ header: String) {
        var rest = Substring(header)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { return }
            let name = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            if rest.first == "\"" {
                var value = ""
                var isEscaped = false
                var index = rest.index(after: rest.startIndex)
                while index < rest.endIndex, isEscaped || rest[index] != "\"" {
                    if rest[index] == "\\" && !isEscaped {
                        isEscaped = true
                    } else {
                        value.append(rest[index])
                        isEscaped = false
                    }
                    index = rest.index(after: index)
                }
                values[name] = value
                rest = rest[index...]
            } else {
                let value = rest.prefix { $0 != ";" }
                values[name] = value.trimmingSuffix { $0 == " " }
                rest = rest[value.endIndex...]
            }
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// The name of a file: `filename*`, which says its encoding (RFC 5987), before `filename`.
    var fileName: String? {
        guard let extended = values["filename*"] else { return values["filename"] }
        let parts = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return values["filename"] }
        return String(parts[2]).removingPercentEncoding ?? values["filename"]
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return String(text)
    }
}
