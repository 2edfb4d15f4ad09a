/// A document with a list, each element of which is taken or refused on its own, as lines of NDJSON are: U+0000, half a
/// surrogate pair, `1e400`, `NaN`, the same key twice or too many levels in one element cost that element only.
///
/// ```swift
/// let body = try JSONElementwise(parsing: bytes, lists: ["visitors", "events"])
/// for element in body.root["visitors"]!.elements { if let error = body.error(of: element) { ... } }
/// ```
///
/// Where the grammar itself is broken, so that nobody can tell where an element ends, the whole is refused.
public struct JSONElementwise: Sendable {
    /// The outermost value. An element that was refused is null there.
    public let root: JSONNode
    /// By where they stand in the text.
    private let errors: [Int: JSONError]

    /// Why an element was refused; nil for one that was taken. Paths are as within the element.
    public func error(of element: JSONNode) -> JSONError? { errors.isEmpty ? nil : errors[element.offset] }

    /// - Parameters:
    ///   - lists: the member of the document that is the list, then the member of its elements that is another, and so on;
    ///     none where the document is the list.
    ///   - limits: of one element.
    /// - Throws: ``JSONError`` when something is wrong outside the elements, or with the grammar.
    public init(parsing bytes: [UInt8], lists: [String], limits: JSONLimits = .standard) throws(JSONError) {
        // What is around an element has levels of its own.
        let whole = limits.deeper(by: lists.isEmpty ? 1 : 2)
        do throws(JSONError) {
            self.init(root: try JSONDocument(parsing: bytes, limits: whole).root, errors: [:])
        } catch {
            guard error.isOfAnElement(in: bytes[...]) else { throw error }
            var mending = Mending(bytes)
            try mending.mend(lists, limits)
            self.init(root: try JSONDocument(parsing: mending.bytes, limits: whole).root, errors: mending.errors)
        }
    }

    private init(root: JSONNode, errors: [Int: JSONError]) {
        self.root = root
        self.errors = errors
    }
}

extension JSONElementwise {
    /// Puts null in the place of elements that are refused.
    private struct Mending {
        var bytes: [UInt8]
        var errors: [Int: JSONError] = [:]

        init(_ bytes: [UInt8]) {
            // Nodes count from behind the mark.
            self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        }

        mutating func mend(_ lists: [String], _ limits: JSONLimits) throws(JSONError) {
            let whole = 0..<bytes.count
            guard let first = lists.first else { return try mendElements(whole, inner: [], limits) }
            // Without such a list there is nothing to mend: whatever is wrong comes up again.
            guard let list = split({ $0.member(first, of: whole) }) else { return }
            try mendElements(list, inner: lists.dropFirst(), limits)
        }

        private mutating func mendElements(
            _ list: Range<Int>, inner: ArraySlice<String>, _ limits: JSONLimits
        ) throws(JSONError) {
            for element in split({ $0.elements(list) }) ?? [] {
                guard var error = parse(element, limits) else { continue }
                if let name = inner.first, let list = split({ $0.member(name, of: element) }) {
                    try mendElements(list, inner: inner.dropFirst(), limits.deeper(by: -2))
                    guard let rest = parse(element, limits) else { continue }
                    error = rest
                }
                guard error.isOfAnElement(in: bytes[element]) else { throw error }
                errors[element.lowerBound] = error
                blank(element)
            }
        }

        private func split<Result>(_ body: (JSONSplitter) -> Result) -> Result {
            bytes.withUnsafeBytes { body(JSONSplitter(bytes: $0)) }
        }

        /// What is wrong with an element by itself.
        private func parse(_ element: Range<Int>, _ limits: JSONLimits) -> JSONError? {
            let outcome = bytes.withUnsafeBytes { bytes in
                Result { () throws(JSONError) in
                    try JSONDocument(parsing: UnsafeRawBufferPointer(rebasing: bytes[element]), limits: limits)
                }
            }
            guard case .failure(let error) = outcome else { return nil }
            return error
        }

        /// Of the same length, so that everything else stays where it is; `NaN` has no room for null, and becomes 0.
        private mutating func blank(_ element: Range<Int>) {
            let filler = element.count < 4 ? [UInt8(ascii: "0")] : Array("null".utf8)
            for (offset, position) in element.enumerated() {
                bytes[position] = offset < filler.count ? filler[offset] : UInt8(ascii: " ")
            }
        }
    }
}

extension JSONError {
    /// Whether it is about a value only: where the values around it begin and end is plain.
    fileprivate func isOfAnElement(in bytes: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .invalidUTF8, .tooDeep, .exponentTooLarge, .duplicateKey, .nulCharacter: return true
        case .malformed(let defect, _, let offset):
            switch defect {
            case .loneSurrogate, .numberOutOfRange, .badEscape, .controlCharacter, .badNumber, .badLiteral: return true
            // `NaN` and `Infinity`, as some libraries write them.
            case .unexpectedCharacter:
                return bytes.dropFirst(offset).first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0 & 0xDF) }
                    ?? false
            default: return false
            }
        case .empty, .tooManyValues, .tooLarge: return false
        }
    }
}

extension JSONLimits {
    fileprivate func deeper(by levels: Int) -> JSONLimits {
        JSONLimits(maxDepth: maxDepth + levels, maxValues: maxValues, maxExponent: maxExponent)
    }
}
