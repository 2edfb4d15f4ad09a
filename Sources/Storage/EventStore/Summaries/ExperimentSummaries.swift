import Synchronization

/// The summaries that there are, and the experiences that should have one.
final class ExperimentSummaries: Sendable {
    typealias Key = ExperimentSummary.Key

    private struct State {
        var kept: [Key: ExperimentSummary]
        /// In the order in which they were asked for.
        var wanted: [Key] = []
        var refusedUntil: [Key: ContinuousClock.Instant] = [:]
        var generation: Int
        var deletions = 0
    }

    let policy: SummaryPolicy
    let folder: SummaryFolder
    private let state: Mutex<State>
    /// One is made at a time.
    let builds = Turns(atOnce: 1)

    /// - Parameter log: ``EventStore/identity``.
    init(_ policy: SummaryPolicy, log: UInt128) {
        self.policy = policy
        folder = SummaryFolder(path: policy.folder, log: log)
        let generation = folder.lastGeneration
        let kept = Dictionary(folder.load().map { ($0.content.key, $0) }) { first, _ in first }
        state = Mutex(State(kept: kept, generation: generation))
    }

    func summary(of key: Key) -> ExperimentSummary? { state.withLock { $0.kept[key] } }

    var all: [ExperimentSummary] { state.withLock { Array($0.kept.values) } }

    /// Deletions that have begun, and that have ended.
    var deletions: Int { state.withLock(\.deletions) }

    /// Notes that events are about to be deleted, or have been.
    func noteDeletion(from place: DeletionPlace) {
        if place == .noExperiment { return }
        state.withLock { state in
            state.deletions += 1
            for summary in state.kept.values where place.mayConcern(summary.content) { summary.noteDeletion() }
        }
    }

    /// Takes a summary away, and its files at once: who is reading them reads the log instead.
    /// - Returns: false when somebody else has done that.
    @discardableResult
    func drop(_ summary: ExperimentSummary) -> Bool {
        let isKept = state.withLock { state in
            guard state.kept[summary.content.key] === summary else { return false }
            state.kept[summary.content.key] = nil
            return true
        }
        summary.remove()
        return isKept
    }

    /// Notes that a report had to read the log.
    func noteScan(of key: Key, took duration: Duration) {
        // One that is there could not answer, and another could not either.
        if duration >= policy.leastScan, summary(of: key) == nil { want(key) }
    }

    /// Notes how much a report had to read besides its summary.
    func noteUse(of summary: ExperimentSummary, newRows: Int) {
        summary.noteUse()
        if newRows > max(policy.leastNewRows, summary.content.check.rows / 10) { want(summary.content.key) }
    }

    private func want(_ key: Key) {
        state.withLock { state in
            if let end = state.refusedUntil[key], end > .now { return }
            state.refusedUntil[key] = nil
            if !state.wanted.contains(key), state.wanted.count < policy.mostCount { state.wanted.append(key) }
        }
    }

    /// The experience that has waited longest for a summary, and the number of the summary to be.
    func next() -> (key: Key, generation: Int)? {
        state.withLock { state in
            guard !state.wanted.isEmpty else { return nil }
            state.generation += 1
            return (state.wanted.removeFirst(), state.generation)
        }
    }

    /// None is made of this experience for a while.
    func refuse(_ key: Key) {
        state.withLock { state in
            let now = ContinuousClock.now
            state.refusedUntil = state.refusedUntil.filter { $0.value > now }
            state.refusedUntil[key] = now + policy.pause
        }
    }

    /// Keeps a summary in the place of an older one, and makes room for it.
    /// - Parameter deletions: how many there had been before it was begun: it may hold what later ones take away.
    /// - Returns: false when there is no room: it goes again.
    func keep(_ summary: ExperimentSummary, madeAfter deletions: Int) -> Bool {
        let key = summary.content.key
        let gone: [ExperimentSummary]? = state.withLock { state in
            var others = state.kept.filter { $0.key != key }.values.sorted { $0.lastUse < $1.lastUse }
            var gone: [ExperimentSummary] = []
            func isFull() -> Bool {
                others.count + 1 > policy.mostCount
                    || others.reduce(summary.content.byteCount) { $0 + $1.content.byteCount } > policy.mostBytes
            }
            while isFull(), let oldest = others.first {
                guard oldest.lastUse.duration(to: .now) >= policy.leastIdle else { return nil }
                gone.append(others.removeFirst())
            }
            if isFull() { return nil }
            if let old = state.kept[key] { gone.append(old) }
            for one in gone { state.kept[one.content.key] = nil }
            state.kept[key] = summary
            if state.deletions != deletions { summary.noteDeletion() }
            return gone
        }
        guard let gone else {
            summary.retire()
            return false
        }
        for one in gone { one.retire() }
        return true
    }
}
