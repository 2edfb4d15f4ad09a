import Time

/// How an attribute is compared.
public enum ProfileComparison: String, Sendable, Hashable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
    /// The whole text, with `*` and `?`.
    case like = "~"
    case unlike = "!~"
}

/// One condition on profiles.
public struct ProfileTerm: Sendable {
    enum Operand: Sendable {
        /// Folded.
        case text([UInt8])
        case pattern(TextPattern)
        case number(ExactNumber)
        /// Times in milliseconds; booleans as 0 and 1.
        case integer(Int64)
    }

    public let attribute: ProfileAttribute
    public let comparison: ProfileComparison
    let operand: Operand

    /// Bytes of an operand.
    public static let maximumOperandBytes = 4_096

    /// - Parameter operand: as a client writes it: numbers in decimal, times as milliseconds since the epoch or as ISO 8601
    ///   with or without a time of day, booleans as `true` and `false`.
    /// - Throws: when it is nothing of the attribute's kind, or such values are not compared in this way.
    public init(
        _ attribute: ProfileAttribute, _ comparison: ProfileComparison, _ operand: String
    ) throws(ProfileTermError) {
        self.attribute = attribute
        self.comparison = comparison
        guard operand.utf8.count <= Self.maximumOperandBytes else { throw .tooLong }
        guard comparison.isPossible(for: attribute.type) else {
            throw .impossible(comparison, attribute.type)
        }
        switch attribute.type {
        case .text, .list:
            guard comparison.isPattern else {
                self.operand = .text(FoldedText.bytes(of: operand))
                break
            }
            let pattern = TextPattern(operand)
            guard !pattern.isTooCostly else { throw .tooCostly }
            self.operand = .pattern(pattern)
        case .number:
            guard let number = ExactNumber(operand) else { throw .noNumber }
            self.operand = .number(number)
        case .time:
            guard let milliseconds = Int64(operand) ?? Timestamp(operand)?.milliseconds else { throw .noTime }
            self.operand = .integer(milliseconds)
        case .boolean:
            let folded = FoldedText.bytes(of: operand)
            let isTrue = folded == Array("true".utf8)
            guard isTrue || folded == Array("false".utf8) else { throw .noBoolean }
            self.operand = .integer(isTrue ? 1 : 0)
        }
    }
}

extension ProfileComparison {
    var isPattern: Bool { self == .like || self == .unlike }

    /// Whether it holds where the comparison without its `!` does not.
    var isNegative: Bool { self == .unequal || self == .unlike }

    fileprivate func isPossible(for type: ProfileAttribute.ValueType) -> Bool {
        switch type {
        case .text: true
        case .list: self == .equal || self == .unequal || isPattern
        case .number, .time: !isPattern
        case .boolean: self == .equal || self == .unequal
        }
    }
}

/// Why a condition is none.
public enum ProfileTermError: Error, Equatable, CustomStringConvertible {
    case impossible(ProfileComparison, ProfileAttribute.ValueType)
    case noNumber
    case noTime
    case noBoolean
    case tooLong
    /// A pattern with a long part that has a `?`.
    case tooCostly

    public var description: String {
        switch self {
        case .impossible(let comparison, .list):
            "\(comparison.rawValue) does not compare lists; use ==, !=, ~ or !~"
        case .impossible(let comparison, .boolean): "\(comparison.rawValue) does not compare booleans; use == or !="
        case .impossible(let comparison, _): "\(comparison.rawValue) compares texts only; use ==, !=, <, <=, > or >="
        case .noNumber: "give a decimal number"
        case .noTime: "give a time in milliseconds since the epoch, or as ISO 8601, such as 2026-01-31T12:00:00Z"
        case .noBoolean: "give true or false"
        case .tooCostly:
            "give parts with a ? of at most \(TextPattern.maximumPartBytes) bytes between the stars of a pattern"
        case .tooLong: "give at most \(ProfileTerm.maximumOperandBytes) bytes"
        }
    }
}
