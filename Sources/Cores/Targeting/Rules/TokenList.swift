/// The tokens of an `isIn` rule.
///
/// As in the SDKs the rule's tokens are put in lower case and the visitor's are not, so `DE` is never in `DE|AT`
/// while `de` is.
struct TokenList: Sendable {
    private static let separator = UInt8(ascii: "|")

    /// Sorted by bytes.
    private let tokens: [[UInt8]]

    init(_ tokens: [String]) {
        let lowered = Set(tokens.map { Array(ScriptText.lowercased($0).utf8) })
        self.tokens = lowered.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether one of the tokens of a text, separated by bars, is in the list.
    func holdsToken(of text: String) -> Bool {
        var rest = text.utf8[...]
        while true {
            let end = rest.firstIndex(of: Self.separator)
            if contains(rest[..<(end ?? rest.endIndex)]) { return true }
            guard let end else { return false }
            rest = rest[rest.index(after: end)...]
        }
    }

    private func contains(_ token: Substring.UTF8View) -> Bool {
        var low = 0
        var high = tokens.count
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle].lexicographicallyPrecedes(token) { low = middle + 1 } else { high = middle }
        }
        return low < tokens.count && tokens[low].elementsEqual(token)
    }
}
