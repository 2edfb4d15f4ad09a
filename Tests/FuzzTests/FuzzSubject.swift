/// Something that reads what comes from outside.
protocol FuzzSubject {
    /// Inputs of the kind that is meant.
    var samples: [[UInt8]] { get }
    /// Words of its language.
    var tokens: [[UInt8]] { get }

    /// Lets the input be read, and checks what must hold of the outcome.
    ///
    /// - Returns: what became of it, in few words: an input with a new outcome is changed further.
    /// - Throws: ``Broken`` when something does not hold.
    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String
}

/// What does not hold of an outcome.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension FuzzSubject {
    func require(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
        if !holds { throw Broken(promise()) }
    }
}

extension [[UInt8]] {
    /// Texts as bytes.
    static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { [UInt8]($0.utf8) } }
}

/// What is fuzzed. The raw value names the folder of its cases.
enum FuzzTarget: String, CaseIterable, Codable, Sendable {
    case json, numbers, contract, events, rules, segments, patterns, csv, packed, multipart, forms, svg, dates,
        addresses

    func makeSubject() throws -> any FuzzSubject {
        switch self {
        case .json: JSONSubject()
        case .numbers: NumberSubject()
        case .contract: try ContractSubject()
        case .events: EventSubject()
        case .rules: RuleSubject()
        case .segments: SegmentSubject()
        case .patterns: PatternSubject()
        case .csv: CSVSubject()
        case .packed: PackedSubject()
        case .multipart: MultipartSubject()
        case .forms: FormSubject()
        case .svg: SVGSubject()
        case .dates: DateSubject()
        case .addresses: AddressSubject()
        }
    }
}
