/// One search of a pattern that refers back to its groups through one text of canonical units, as ECMA-262 describes it.
///
/// There are patterns and texts for which such a search takes longer than anybody waits. It is given up after so many
/// steps, and then there is no answer.
struct BacktrackingSearch {
    private let program: BacktrackingProgram
    private let text: UnsafeBufferPointer<UInt16>
    private let maximumVisits: Int
    /// How often a step was looked at, a group forgotten, and a unit compared with one of a group.
    private(set) var visits = 0
    /// The edges of groups; -1 where there is none.
    private var edges: [Int32]
    /// Where repetitions began.
    private var begins: [Int32]
    private var trail: [Entry] = []

    /// What is gone back to, and what is put back on the way.
    private enum Entry {
        case choice(step: Int32, place: Int32)
        case edge(Int32, was: Int32)
        case begin(Int32, was: Int32)
    }

    init(_ program: BacktrackingProgram, _ text: UnsafeBufferPointer<UInt16>, maximumVisits: Int) {
        self.program = program
        self.text = text
        self.maximumVisits = maximumVisits
        edges = Array(repeating: -1, count: 2 * program.groupCount + 2)
        begins = Array(repeating: -1, count: program.repetitionCount)
    }

    /// Whether the search was given up.
    var isExceeded: Bool { visits > maximumVisits }

    /// Whether the pattern occurs; false where the search is given up.
    mutating func run() -> Bool {
        for start in 0...(program.isAnchored ? 0 : text.count) {
            if run(from: 0, at: start) { return true }
            if isExceeded { return false }
        }
        return false
    }

    /// Runs up to the acceptance that belongs to the step. What the trail held before stays there.
    private mutating func run(from first: Int, at start: Int) -> Bool {
        let floor = trail.count
        var step = first
        var place = start
        while true {
            visits += 1
            guard visits <= maximumVisits else { return false }
            var goesOn = true
            switch program.steps[step] {
            case .unit(let set, let isForward):
                let next = isForward ? place : place - 1
                goesOn = text.indices.contains(next) && takes(text[next], set)
                place = isForward ? place + 1 : place - 1
                step += 1
            case .split(let preferred, let other):
                trail.append(.choice(step: Int32(truncatingIfNeeded: other), place: Int32(truncatingIfNeeded: place)))
                step = preferred
            case .jump(let target): step = target
            case .assertion(let assertion):
                goesOn = assertion.holds(at: place, in: text)
                step += 1
            case .edge(let edge):
                set(edge, to: place)
                step += 1
            case .forget(let groups):
                visits += groups.count
                for edge in (2 * groups.lowerBound)...(2 * groups.upperBound + 1) where edges[edge] >= 0 {
                    set(edge, to: -1)
                }
                step += 1
            case .reference(let groups, let isForward):
                if let target = end(of: groups, from: place, isForward: isForward) {
                    place = target
                } else {
                    goesOn = false
                }
                step += 1
            case .begin(let repetition):
                trail.append(.begin(Int32(truncatingIfNeeded: repetition), was: begins[repetition]))
                begins[repetition] = Int32(truncatingIfNeeded: place)
                step += 1
            case .progress(let repetition):
                goesOn = begins[repetition] != Int32(truncatingIfNeeded: place)
                step += 1
            case .look(let next, let isNegated):
                goesOn = looks(from: step + 1, at: place) != isNegated
                if isExceeded { return false }
                step = next
            case .accept: return true
            }
            if goesOn { continue }
            guard let choice = goBack(to: floor) else { return false }
            (step, place) = choice
        }
    }

    /// Whether what a look-around asks for is there. What its groups matched stays, but no way through it is tried again;
    /// of what must not be there nothing stays.
    private mutating func looks(from step: Int, at place: Int) -> Bool {
        let floor = trail.count
        guard run(from: step, at: place) else { return false }
        guard case .look(_, true) = program.steps[step - 1] else {
            var kept = floor
            for index in floor..<trail.count {
                if case .choice = trail[index] { continue }
                trail[kept] = trail[index]
                kept += 1
            }
            trail.removeLast(trail.count - kept)
            return true
        }
        while trail.count > floor { putBack(trail.removeLast()) }
        return true
    }

    private mutating func goBack(to floor: Int) -> (step: Int, place: Int)? {
        while trail.count > floor {
            let entry = trail.removeLast()
            if case .choice(let step, let place) = entry { return (Int(step), Int(place)) }
            putBack(entry)
        }
        return nil
    }

    private mutating func putBack(_ entry: Entry) {
        switch entry {
        case .choice: break
        case .edge(let edge, let old): edges[Int(edge)] = old
        case .begin(let repetition, let old): begins[Int(repetition)] = old
        }
    }

    private mutating func set(_ edge: Int, to place: Int) {
        trail.append(.edge(Int32(truncatingIfNeeded: edge), was: edges[edge]))
        edges[edge] = Int32(truncatingIfNeeded: place)
    }

    private func takes(_ unit: UInt16, _ set: Int) -> Bool {
        let set = program.sets[set]
        return unit < 64
            ? set.lowBits >> UInt64(unit) & 1 == 1
            : unit < 128 ? set.highBits >> UInt64(unit - 64) & 1 == 1 : set.contains(beyondASCII: unit)
    }

    /// The place behind what one of the groups matched, if it stands here once more; nil when it does not.
    private mutating func end(of groups: [Int], from place: Int, isForward: Bool) -> Int? {
        visits += groups.count
        guard let group = groups.first(where: { edges[2 * $0] >= 0 && edges[2 * $0 + 1] >= 0 }) else { return place }
        let (first, last) = (Int(edges[2 * group]), Int(edges[2 * group + 1]))
        let matched = min(first, last)..<max(first, last)
        let start = isForward ? place : place - matched.count
        guard start >= 0, start + matched.count <= text.count else { return nil }
        visits += matched.count
        for offset in 0..<matched.count where text[matched.lowerBound + offset] != text[start + offset] { return nil }
        return isForward ? place + matched.count : start
    }
}

extension PatternAssertion {
    /// Whether a place in a text of canonical units is as asked.
    func holds(at place: Int, in text: UnsafeBufferPointer<UInt16>) -> Bool {
        switch self {
        case .start: place == 0
        case .end: place == text.count
        case .wordBoundary: Self.isWord(place - 1, text) != Self.isWord(place, text)
        case .noWordBoundary: Self.isWord(place - 1, text) == Self.isWord(place, text)
        }
    }

    private static func isWord(_ place: Int, _ text: UnsafeBufferPointer<UInt16>) -> Bool {
        guard text.indices.contains(place) else { return false }
        let unit = text[place]
        return (0x30...0x39).contains(unit) || (0x41...0x5A).contains(unit) || unit == 0x5F
            || (0x61...0x7A).contains(unit)
    }
}
