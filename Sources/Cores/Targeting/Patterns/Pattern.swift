/// A regular expression of a rule, compiled once.
///
/// Patterns come from whoever edits an experience and texts from whoever visits a site, so neither may decide how long
/// a match takes. The machine keeps all places a match could be in at once and never goes back: work is at most the
/// number of steps times the length of the text. Look-arounds are answered for all places beforehand, in the same
/// bound. Only references to groups are out of its reach: a pattern with such runs on a machine that tries one way after
/// the other, as JavaScript does, and gives up after so many steps.
///
/// Reads what JavaScript reads without the u flag, ignoring case.
struct Pattern: Sendable {
    /// The longest pattern in UTF-16 units.
    static let longestPattern = 2_048
    /// The most steps of a compiled pattern, repetitions written out.
    static let mostSteps = 4_000
    /// The longest text in UTF-16 units that any pattern is tried on.
    static let longestText = 8_192
    /// The most steps times units: this many take about ten milliseconds at worst.
    static let mostWork = 2_000_000

    /// The most steps of a search that goes back: about two milliseconds, and a few megabytes for the ways not tried yet.
    static let mostVisits = 200_000

    /// What a step of a program takes each time it is looked at, in steps of an evaluation.
    private static let stepsPerVisit = 4

    private enum Machine: Sendable {
        case linear(LinearPattern)
        case backtracking(BacktrackingProgram)
    }

    private let machine: Machine
    /// The longest text in UTF-16 units that this pattern is tried on.
    let longestText: Int

    /// Compiles a pattern.
    init(_ pattern: String) throws(PatternError) {
        guard pattern.utf16.count <= Self.longestPattern else { throw .tooLarge }
        let (node, groupCount) = try PatternParser.parse(pattern)
        var budget = Self.mostSteps
        machine =
            node.refersBack
            ? .backtracking(try BacktrackingProgram(node, groupCount: groupCount, budget: &budget))
            : .linear(try LinearPattern(node, budget: &budget))
        longestText = min(Self.longestText, Self.mostWork / (Self.mostSteps - budget))
    }

    /// Steps of all its programs.
    var stepCount: Int {
        switch machine {
        case .linear(let pattern): pattern.looks.reduce(pattern.main.steps.count) { $0 + $1.steps.count }
        case .backtracking(let program): program.steps.count
        }
    }

    /// Whether the pattern occurs in the lower case of a text; nil when the text is too long to try.
    /// - Parameters:
    ///   - evaluation: what the search counts for.
    ///   - lowered: gives the text's lower case, where it is needed.
    func occurs(
        in text: String, _ evaluation: RuleEvaluation = RuleEvaluation(),
        lowered: (String) -> String = { ScriptText.lowercased($0) }
    ) -> Bool? {
        guard text.utf8.count <= 3 * longestText else { return nil }
        let plain = LoweredText.withBytes(of: text) { bytes -> Bool?? in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return .some(occurs(in: bytes, count: bytes.count, evaluation) { UInt16($0) })
        }
        if let plain { return plain }
        let units = lowered(text).utf16
        return occurs(in: units, count: units.count, evaluation) { $0 }
    }

    private func occurs<Units: Sequence>(
        in units: Units, count: Int, _ evaluation: RuleEvaluation, _ unit: (Units.Element) -> UInt16
    ) -> Bool? {
        guard count <= longestText else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count) { text in
            var place = 0
            for element in units {
                text[place] = CaseTable.canonical(unit(element))
                place += 1
            }
            return search(UnsafeBufferPointer(text), evaluation)
        }
    }

    private func search(_ text: UnsafeBufferPointer<UInt16>, _ evaluation: RuleEvaluation) -> Bool {
        let visits = evaluation.remainingSteps / Self.stepsPerVisit
        switch machine {
        case .linear(let pattern):
            let (isFound, visits) = PatternSearch(pattern: pattern, text: text).run(maximumVisits: visits)
            _ = evaluation.spend(visits * Self.stepsPerVisit)
            return isFound
        case .backtracking(let program):
            var search = BacktrackingSearch(program, text, maximumVisits: min(visits, Self.mostVisits))
            let isFound = search.run()
            _ = evaluation.spend(search.visits * Self.stepsPerVisit)
            if search.isExceeded { evaluation.giveUp() }
            return isFound
        }
    }
}
