/// One search of one pattern through one text of canonical units.
struct PatternSearch {
    let pattern: LinearPattern
    let text: UnsafeBufferPointer<UInt16>

    /// Whether the pattern occurs, and how often a step of its programs was looked at: more often than was allowed
    /// where the search was given up.
    func run(maximumVisits: Int) -> (isFound: Bool, visits: Int) {
        let places = text.count + 1
        return withUnsafeTemporaryAllocation(of: Bool.self, capacity: pattern.looks.count * places) { tables in
            tables.initialize(repeating: false)
            var visits = 0
            for (number, look) in pattern.looks.enumerated() {
                walk(look, tables: UnsafeBufferPointer(tables), &visits, maximumVisits) { place in
                    tables[number * places + place] = true
                    return true
                }
            }
            var isFound = false
            walk(
                pattern.main, isAnchored: pattern.isAnchored, tables: UnsafeBufferPointer(tables), &visits,
                maximumVisits
            ) { _ in
                isFound = true
                return false
            }
            return (isFound, visits)
        }
    }

    /// Runs a program with a start at every place, and tells where it accepts as long as the answer is to go on.
    private func walk(
        _ program: PatternProgram, isAnchored: Bool = false, tables: UnsafeBufferPointer<Bool>,
        _ visits: inout Int, _ maximumVisits: Int, accepted: (Int) -> Bool
    ) {
        guard visits <= maximumVisits else { return }
        var seen = visits
        defer { visits = seen }
        let count = program.steps.count
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * count + 1) { memory in
            memory.initialize(repeating: -1)
            var states = States(
                current: memory.extracting(0..<count), next: memory.extracting(count..<(2 * count)),
                seenAt: memory.extracting((2 * count)..<(3 * count)),
                pending: memory.extracting((3 * count)..<(4 * count + 1)))
            program.steps.withUnsafeBufferPointer { steps in
                for passed in 0...text.count {
                    let place = program.isForward ? passed : text.count - passed
                    var isAccepted = false
                    // What the last unit led to comes first, then a fresh start.
                    for state in 0..<states.nextCount {
                        let entered = enter(Int(states.next[state]), at: place, steps, tables, &states)
                        isAccepted = entered || isAccepted
                    }
                    if !isAnchored || passed == 0 {
                        let entered = enter(0, at: place, steps, tables, &states)
                        isAccepted = entered || isAccepted
                    }
                    // A place costs about as much as a visit itself.
                    seen += states.takeVisits() + states.currentCount + 1
                    if isAccepted, !accepted(place) { return }
                    guard seen <= maximumVisits else { return }
                    if passed == text.count || isAnchored && states.currentCount == 0 { return }
                    states.advance(over: text[program.isForward ? place : place - 1], steps, program.sets)
                }
            }
        }
    }

    /// Adds a step and all that can be reached from it without a unit; true when that accepts.
    private func enter(
        _ start: Int, at place: Int, _ steps: UnsafeBufferPointer<PatternProgram.Step>,
        _ tables: UnsafeBufferPointer<Bool>, _ states: inout States
    ) -> Bool {
        var isAccepted = false
        states.push(start, at: place)
        while let step = states.pop() {
            switch steps[step] {
            case .unit: states.addCurrent(step)
            case .split(let first, let second):
                states.push(first, at: place)
                states.push(second, at: place)
            case .jump(let target): states.push(target, at: place)
            case .assertion(let assertion):
                if assertion.holds(at: place, in: text) { states.push(step + 1, at: place) }
            case .look(let table, let isNegated):
                if tables[table * (text.count + 1) + place] != isNegated { states.push(step + 1, at: place) }
            case .accept: isAccepted = true
            }
        }
        return isAccepted
    }
}

/// Where a machine is, in memory that is set aside once a search.
private struct States {
    /// Steps that wait for a unit here.
    var current: UnsafeMutableBufferPointer<Int32>
    /// Steps reached by the last unit.
    var next: UnsafeMutableBufferPointer<Int32>
    /// The last place where each step was entered; it is not entered twice at one place.
    let seenAt: UnsafeMutableBufferPointer<Int32>
    let pending: UnsafeMutableBufferPointer<Int32>
    var currentCount = 0
    var nextCount = 0
    var pendingCount = 0
    private var visits = 0

    init(
        current: UnsafeMutableBufferPointer<Int32>, next: UnsafeMutableBufferPointer<Int32>,
        seenAt: UnsafeMutableBufferPointer<Int32>, pending: UnsafeMutableBufferPointer<Int32>
    ) {
        self.current = current
        self.next = next
        self.seenAt = seenAt
        self.pending = pending
    }

    /// Steps entered since this was last asked.
    mutating func takeVisits() -> Int {
        defer { visits = 0 }
        return visits
    }

    mutating func push(_ step: Int, at place: Int) {
        guard seenAt[step] != Int32(truncatingIfNeeded: place) else { return }
        seenAt[step] = Int32(truncatingIfNeeded: place)
        pending[pendingCount] = Int32(truncatingIfNeeded: step)
        pendingCount += 1
    }

    mutating func pop() -> Int? {
        guard pendingCount > 0 else { return nil }
        pendingCount -= 1
        visits += 1
        return Int(pending[pendingCount])
    }

    mutating func addCurrent(_ step: Int) {
        current[currentCount] = Int32(truncatingIfNeeded: step)
        currentCount += 1
    }

    /// Goes over a unit: those that take it lead to the step behind them.
    mutating func advance(
        over unit: UInt16, _ steps: UnsafeBufferPointer<PatternProgram.Step>, _ sets: [UnitSet]
    ) {
        nextCount = 0
        for number in 0..<currentCount {
            let step = Int(current[number])
            guard case .unit(let low, let high, let set) = steps[step] else { continue }
            let isTaken =
                unit < 64
                ? low >> UInt64(unit) & 1 == 1
                : unit < 128 ? high >> UInt64(unit - 64) & 1 == 1 : sets[set].contains(beyondASCII: unit)
            if isTaken {
                next[nextCount] = Int32(truncatingIfNeeded: step + 1)
                nextCount += 1
            }
        }
        currentCount = 0
    }
}
