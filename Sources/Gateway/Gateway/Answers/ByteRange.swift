import HTTPTypes
import Text

/// What of a file a request is for: `Range: bytes=...` and `If-Range` of a GET (RFC 9110, 13.1.5 and 14.2).
enum ByteRange: Equatable {
    /// Also for several ranges at once, which nobody needs to be given apart.
    case whole
    case part(Range<Int>)
    /// No byte of the file lies in the ranges.
    case unsatisfiable

    /// - Parameters:
    ///   - size: the file's, in bytes.
    ///   - tag: its entity tag, which is a strong one.
    init(_ method: HTTPRequest.Method, _ headers: HTTPFields, of size: Int, tag: String) {
        self = .whole
        guard method == .get, let field = headers[.range], headers[.ifRange].map({ $0.hasSameBytes(as: tag) }) ?? true,
            let equals = field.utf8.firstIndex(of: UInt8(ascii: "=")),
            String(Substring(field.utf8[..<equals])).lowercased() == "bytes"
        else { return }
        let texts = String(Substring(field.utf8[equals...].dropFirst())).split(byte: ",").map {
            $0.filter { $0 != " " }
        }
        let specifiers = texts.compactMap { Specifier($0) }
        // One that cannot be read makes the field one that does not count.
        guard !specifiers.isEmpty, specifiers.count == texts.count else { return }
        let ranges = specifiers.compactMap { $0.range(of: size) }
        if ranges.isEmpty {
            self = .unsatisfiable
        } else if specifiers.count == 1 {
            self = .part(ranges[0])
        }
    }

    /// `first-last`, `first-` or `-count`.
    private struct Specifier {
        let first: Int?
        let last: Int?

        init?(_ text: String) {
            let bounds = text.split(byte: "-", omittingEmptySubsequences: false)
            guard bounds.count == 2, bounds.contains(where: { !$0.isEmpty }),
                bounds.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
            else { return nil }
            // More digits than a number has are beyond any file.
            first = bounds[0].isEmpty ? nil : Int(bounds[0]) ?? .max
            last = bounds[1].isEmpty ? nil : Int(bounds[1]) ?? .max
            if let first, let last, first > last { return nil }
        }

        /// Nil when no byte of a file of `size` bytes lies in it.
        func range(of size: Int) -> Range<Int>? {
            guard let first else {
                guard let last, last > 0, size > 0 else { return nil }
                return max(size - last, 0)..<size
            }
            guard first < size else { return nil }
            return first..<min(last ?? size - 1, size - 1) + 1
        }
    }
}
