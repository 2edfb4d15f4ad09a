/// A value as `<` and `<=` of the SDKs take it: numbers, also written as text, by size; other text by UTF-16 units
/// and with its case; values of different kinds not at all.
enum Orderable: Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)
    case null
    /// An array or an object, which compares as its text.
    case composite(String)
    case nothing

    init(_ fact: FactValue) {
        self =
            switch fact {
            case .missing: .nothing
            case .null: .null
            case .flag(let flag): .flag(flag)
            case .number(let number): .number(number)
            case .text(let text): LooseNumber.parse(text).map { .number($0) } ?? .text(text)
            case .array, .object, .ids: .composite(fact.text)
            }
    }

    /// Whether this comes before the bound, or, if so asked, with it; nil when they are of different kinds.
    func isLess(than bound: Orderable, orEqual: Bool) -> Bool? {
        switch (self, bound) {
        case (.number(let first), .number(let second)): Self.isOrdered(first, second, orEqual)
        case (.text(let first), .text(let second)), (.composite(let first), .composite(let second)):
            orEqual
                ? !second.utf16.lexicographicallyPrecedes(first.utf16)
                : first.utf16.lexicographicallyPrecedes(second.utf16)
        case (.flag(let first), .flag(let second)): orEqual ? !first || second : !first && second
        case (.null, .null): orEqual
        case (.null, .composite(let text)): Self.isOrdered(0, Self.number(of: text), orEqual)
        case (.composite(let text), .null): Self.isOrdered(Self.number(of: text), 0, orEqual)
        default: nil
        }
    }

    private static func isOrdered(_ first: Double, _ second: Double, _ orEqual: Bool) -> Bool {
        orEqual ? first <= second : first < second
    }

    /// What a composite's text is as a number beside null, which is zero: nothing is zero, words are no number.
    private static func number(of text: String) -> Double {
        text.isEmpty ? 0 : Double(text) ?? .nan
    }
}
