/// A regular expression as steps of a machine that is in many places at once (Thompson, "Regular Expression Search
/// Algorithm", 1968).
struct PatternProgram: Sendable {
    enum Step: Sendable {
        /// Takes a unit of ASCII whose bit is set, any other as the program's set of that number says. The bits stand
        /// here so that the common case touches nothing that is counted.
        case unit(low: UInt64, high: UInt64, set: Int)
        case split(Int, Int)
        case jump(Int)
        case assertion(PatternAssertion)
        /// Goes on where the table of a look-around says so.
        case look(table: Int, isNegated: Bool)
        case accept
    }

    /// Whether the machine walks the text from its start to its end.
    let isForward: Bool
    private(set) var steps: [Step] = []
    private(set) var sets: [UnitSet] = []

    /// Compiles a node.
    ///
    /// - Parameters:
    ///   - looks: Programs of the look-arounds found so far, each after those within it; new ones are appended.
    ///   - budget: How many steps all programs of the pattern may still take.
    init(
        _ node: PatternNode, isForward: Bool, looks: inout [PatternProgram], budget: inout Int
    ) throws(PatternError) {
        self.isForward = isForward
        try emit(node, looks: &looks, budget: &budget)
        try append(.accept, budget: &budget)
    }

    private mutating func append(_ step: Step, budget: inout Int) throws(PatternError) {
        guard budget > 0 else { throw .tooLarge }
        budget -= 1
        steps.append(step)
    }

    private mutating func emit(
        _ node: PatternNode, looks: inout [PatternProgram], budget: inout Int
    ) throws(PatternError) {
        switch node {
        case .empty: break
        case .unit(let set):
            try append(.unit(low: set.lowBits, high: set.highBits, set: sets.count), budget: &budget)
            sets.append(set)
        case .assertion(let assertion): try append(.assertion(assertion), budget: &budget)
        case .sequence(let nodes):
            for part in isForward ? nodes : nodes.reversed() { try emit(part, looks: &looks, budget: &budget) }
        case .alternatives(let branches):
            var exits: [Int] = []
            for (number, branch) in branches.enumerated() {
                let split = steps.count
                let isLast = number == branches.count - 1
                if !isLast { try append(.split(split + 1, 0), budget: &budget) }
                try emit(branch, looks: &looks, budget: &budget)
                if isLast { continue }
                exits.append(steps.count)
                try append(.jump(0), budget: &budget)
                steps[split] = .split(split + 1, steps.count)
            }
            for exit in exits { steps[exit] = .jump(steps.count) }
        case .group(let body, _): try emit(body, looks: &looks, budget: &budget)
        // Patterns with references run on the machine that goes back (BacktrackingProgram).
        case .reference: throw .invalid
        case .repeated(let body, let minimum, let maximum, _):
            try emit(body, minimum: minimum, maximum: maximum, looks: &looks, budget: &budget)
        case .look(let body, let isAhead, let isNegated):
            // A look ahead is answered for every place at once by walking its pattern backwards from the end.
            let program = try PatternProgram(body, isForward: !isAhead, looks: &looks, budget: &budget)
            looks.append(program)
            try append(.look(table: looks.count - 1, isNegated: isNegated), budget: &budget)
        }
    }

    private mutating func emit(
        _ body: PatternNode, minimum: Int, maximum: Int?, looks: inout [PatternProgram], budget: inout Int
    ) throws(PatternError) {
        for _ in 0..<minimum {
            let before = steps.count
            try emit(body, looks: &looks, budget: &budget)
            // What takes no step takes none however often it is repeated.
            if steps.count == before { return }
        }
        guard let maximum else {
            let split = steps.count
            try append(.split(split + 1, 0), budget: &budget)
            try emit(body, looks: &looks, budget: &budget)
            try append(.jump(split), budget: &budget)
            steps[split] = .split(split + 1, steps.count)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(steps.count)
            try append(.split(steps.count + 1, 0), budget: &budget)
            try emit(body, looks: &looks, budget: &budget)
        }
        for split in splits { steps[split] = .split(split + 1, steps.count) }
    }
}
