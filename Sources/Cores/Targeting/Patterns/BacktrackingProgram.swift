/// A regular expression as steps of a machine that tries one way after the other, for patterns that refer back to their
/// groups: what those match depends on the way taken, so that all ways cannot be walked at once.
struct BacktrackingProgram: Sendable {
    enum Step: Sendable {
        /// Takes the unit ahead, or, within a look behind, the one behind.
        case unit(set: Int, isForward: Bool)
        /// Goes on at the first, and should that fail at the second.
        case split(Int, Int)
        case jump(Int)
        case assertion(PatternAssertion)
        /// Notes the place as an edge of a group: its start at twice its number, its end behind.
        case edge(Int)
        /// Forgets what these groups matched: each repetition begins without.
        case forget(ClosedRange<Int>)
        /// Takes what one of these groups matched; nothing where none did.
        case reference([Int], isForward: Bool)
        /// Notes the place where a repetition begins.
        case begin(Int)
        /// Fails where a repetition that need not be has taken nothing.
        case progress(Int)
        /// Runs the steps behind up to their acceptance, and goes on elsewhere from the same place.
        case look(next: Int, isNegated: Bool)
        case accept
    }

    private(set) var steps: [Step] = []
    private(set) var sets: [UnitSet] = []
    private(set) var repetitionCount = 0
    /// Groups are numbered from 1 on; 0 is not used.
    let groupCount: Int
    /// Whether a match can only start at the start of the text.
    let isAnchored: Bool

    /// Compiles a pattern.
    init(_ node: PatternNode, groupCount: Int, budget: inout Int) throws(PatternError) {
        self.groupCount = groupCount
        isAnchored = node.isAnchored
        try emit(node, isForward: true, &budget)
        try append(.accept, &budget)
    }

    private mutating func append(_ step: Step, _ budget: inout Int) throws(PatternError) {
        guard budget > 0 else { throw .tooLarge }
        budget -= 1
        steps.append(step)
    }

    private mutating func emit(_ node: PatternNode, isForward: Bool, _ budget: inout Int) throws(PatternError) {
        switch node {
        case .empty: break
        case .unit(let set):
            try append(.unit(set: sets.count, isForward: isForward), &budget)
            sets.append(set)
        case .assertion(let assertion): try append(.assertion(assertion), &budget)
        case .sequence(let nodes):
            for part in isForward ? nodes : nodes.reversed() { try emit(part, isForward: isForward, &budget) }
        case .group(let body, let number):
            try append(.edge(2 * number + (isForward ? 0 : 1)), &budget)
            try emit(body, isForward: isForward, &budget)
            try append(.edge(2 * number + (isForward ? 1 : 0)), &budget)
        case .reference(let groups): try append(.reference(groups, isForward: isForward), &budget)
        case .alternatives(let branches): try emit(branches, isForward: isForward, &budget)
        case .repeated(let body, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum {
                let before = steps.count
                try emitOnce(body, isForward: isForward, &budget)
                // What takes no step takes none however often it is repeated.
                if steps.count == before { return }
            }
            guard let maximum else {
                return try emitOptional(body, isForward: isForward, isLazy: isLazy, repeats: true, &budget)
            }
            var splits: [Int] = []
            for _ in minimum..<maximum {
                splits.append(steps.count)
                try emitOptional(body, isForward: isForward, isLazy: isLazy, repeats: false, &budget)
            }
            // Who leaves one out leaves out all that follow.
            for split in splits { setSplit(split, exit: steps.count, isLazy: isLazy) }
        case .look(let body, let isAhead, let isNegated):
            let look = steps.count
            try append(.look(next: 0, isNegated: isNegated), &budget)
            try emit(body, isForward: isAhead, &budget)
            try append(.accept, &budget)
            steps[look] = .look(next: steps.count, isNegated: isNegated)
        }
    }

    private mutating func emit(
        _ branches: [PatternNode], isForward: Bool, _ budget: inout Int
    ) throws(PatternError) {
        var exits: [Int] = []
        for (number, branch) in branches.enumerated() {
            let split = steps.count
            let isLast = number == branches.count - 1
            if !isLast { try append(.split(split + 1, 0), &budget) }
            try emit(branch, isForward: isForward, &budget)
            if isLast { continue }
            exits.append(steps.count)
            try append(.jump(0), &budget)
            steps[split] = .split(split + 1, steps.count)
        }
        for exit in exits { steps[exit] = .jump(steps.count) }
    }

    private mutating func emitOnce(
        _ body: PatternNode, isForward: Bool, _ budget: inout Int
    ) throws(PatternError) {
        if let groups = body.groups { try append(.forget(groups), &budget) }
        try emit(body, isForward: isForward, &budget)
    }

    private mutating func emitOptional(
        _ body: PatternNode, isForward: Bool, isLazy: Bool, repeats: Bool, _ budget: inout Int
    ) throws(PatternError) {
        let split = steps.count
        let repetition = repetitionCount
        repetitionCount += 1
        try append(.split(0, 0), &budget)
        try append(.begin(repetition), &budget)
        try emitOnce(body, isForward: isForward, &budget)
        try append(.progress(repetition), &budget)
        if repeats { try append(.jump(split), &budget) }
        setSplit(split, exit: steps.count, isLazy: isLazy)
    }

    private mutating func setSplit(_ split: Int, exit: Int, isLazy: Bool) {
        steps[split] = isLazy ? .split(exit, split + 1) : .split(split + 1, exit)
    }
}
