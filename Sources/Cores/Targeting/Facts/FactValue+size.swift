import JSON

extension FactValue {
    /// About how many bytes its text has. What lies beyond the limit is not looked at, so that asking costs no more than it.
    func size(upTo limit: Int) -> Int {
        switch self {
        case .missing, .null, .flag, .number, .object: 16
        case .text(let text): text.utf8.count
        // The text of an array is made anew for each rule.
        case .array(let elements): 4 * Self.size(of: elements, upTo: limit / 4)
        case .ids(let ids): 16 * ids.count
        }
    }

    /// Whether it is text already, so that nothing has to be made to compare it.
    var isText: Bool {
        if case .text = self { true } else { false }
    }

    private static func size(of elements: [JSONValue], upTo limit: Int) -> Int {
        var size = 0
        for element in elements {
            guard size <= limit else { break }
            switch element {
            case .string(let text): size += text.utf8.count + 1
            case .array(let inner): size += 1 + Self.size(of: inner, upTo: limit - size)
            default: size += 16
            }
        }
        return size
    }
}
