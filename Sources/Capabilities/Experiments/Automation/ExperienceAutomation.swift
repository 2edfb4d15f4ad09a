public import ControlStore
import EventStore
import Experiences
import Identity
import JSON
package import Reports
package import Resources
import Synchronization
import Time

/// Looks how experiences stand whenever they were visited, and does what their settings say should follow: stops losing
/// variations, keeps a winner, ends what is decided, shares new visitors out anew.
///
/// What it does and what it notes are one transaction, so that nothing is done twice when the process dies between.
public final class ExperienceAutomation: Sendable {
    let resources: ResourceService
    let reports: ReportService
    private let counters: any ExperienceCounters
    private let due: DueExperiences
    private let results = ResultStore()
    private let pace = Mutex(Pace())

    /// When experiences may be looked at again.
    private struct Pace {
        var next: [Int64: ContinuousClock.Instant] = [:]
        var failures: [Int64: Int] = [:]
    }

    /// An experience is not looked at again sooner, and not sooner than 20 times as long as it took: reports of large ones
    /// take long.
    private static let leastPause = Duration.seconds(10)
    private static let pauseFactor = 20
    /// Attempts before an experience is set aside.
    private static let attempts = 3

    package init(resources: ResourceService, reports: ReportService, counters: any ExperienceCounters) {
        self.resources = resources
        self.reports = reports
        self.counters = counters
        due = DueExperiences(store: resources.store, counters: counters)
    }

    var store: ControlStore { resources.store }

    /// Looks at every experience that was visited or changed since it was looked at last, or whose time has come, and may be looked at again.
    /// - Returns: how many were looked at.
    /// - Throws: trouble of the store.
    @discardableResult
    public func advance() async throws -> Int {
        var count = 0
        // In no order, so that nobody's many experiences are always first.
        for (id, counter) in try await due.all(at: resources.clock.now).shuffled() {
            let now = ContinuousClock.now
            guard pace.withLock({ $0.next[id].map { $0 <= now } ?? true }) else { continue }
            // Whatever happens from now on has it wait again.
            due.settle(id)
            do {
                guard try await isDue(id, counter) else { continue }
                if try await attempt(id, counter) { count += 1 } else { due.add(id) }
            } catch {
                due.add(id)
                throw error
            }
            let took = ContinuousClock.now - now
            pace.withLock { $0.next[id] = .now + max(Self.leastPause, took * Self.pauseFactor) }
            // Reports that somebody waits for have half of the time at least.
            try await Task.sleep(for: took)
        }
        pace.withLock { pace in pace.next = pace.next.filter { $0.value > .now } }
        return count
    }

    /// Whether it was visited or changed since it was looked at last, or its time has come.
    private func isDue(_ id: Int64, _ counter: ExperienceCounter) async throws -> Bool {
        let now = resources.clock.now
        return try await store.read { database in
            do {
                guard let last = try Evaluation.fetch(id, from: database), last.traffic == counter,
                    last.dueAt.map({ $0 > now }) ?? true
                else { return true }
                guard let project = try Project.fetch(counter.projectID, from: database) else { return false }
                return try Basis(id, acts(project), from: database).digest != last.basis
            } catch {
                if StoreTrouble.isCause(of: error) { throw error }
                // One that is gone has nothing to be looked at; of one that cannot be read the attempt tells why.
                return !(error is ExperimentsError)
            }
        }
    }

    private func acts(_ project: Project, because cause: JSONValue? = nil) -> ExperienceActs {
        let author = ChangeAuthor(name: "automation", method: .app, requestID: nil, cause: cause)
        return ExperienceActs(
            resources: resources, scope: ResourceScope(project: project, author: author, role: .owner))
    }

    /// - Returns: false when it failed, and is to be tried again.
    private func attempt(_ id: Int64, _ counter: ExperienceCounter) async throws -> Bool {
        do {
            try await evaluate(id, counter, isAtLimit: false)
            pace.withLock { $0.failures[id] = nil }
            return true
        } catch {
            if StoreTrouble.isCause(of: error) { throw error }
            if EventStoreTrouble.isCause(of: error) || error is ExperienceOvertaken { return false }
            let failures = pace.withLock { pace in
                pace.failures[id, default: 0] += 1
                return pace.failures[id] ?? 1
            }
            guard failures >= Self.attempts else { return false }
            try await setAside(id, counter, "\(error)", attempts: failures)
            pace.withLock { $0.failures[id] = nil }
            return true
        }
    }

    private func setAside(_ id: Int64, _ counter: ExperienceCounter, _ reason: String, attempts: Int) async throws {
        let now = resources.clock.now
        try await store.write { database in
            try SetAside.insert(
                SetAsideEntry(
                    kind: .automation, environmentID: nil, projectID: counter.projectID, subject: String(id),
                    reason: reason, attempts: attempts), at: now, in: database)
            // Looked at again once it was visited or changed again.
            var after = Evaluation(
                at: now, counter, ["act": "none", "reason": "It cannot be evaluated; see what is set aside."])
            after.announced = (try? Evaluation.fetch(id, from: database))?.announced ?? []
            if let project = try Project.fetch(counter.projectID, from: database) {
                after.basis = try? Basis(id, self.acts(project), from: database).digest
            }
            try after.save(id, in: database)
        }
    }

    /// Looks at an experience that was set aside.
    /// - Throws: why it still cannot be looked at.
    public func retry(_ item: SetAsideItem) async throws {
        let id = Int64(item.entry.subject) ?? 0
        if let counter = try await counters.counters(of: [id])[id] { try await evaluate(id, counter, isAtLimit: false) }
        _ = try await store.write { try SetAside.remove(item, in: $0) }
    }

    // MARK: one experience

    /// - Returns: what was done.
    @discardableResult
    private func evaluate(_ id: Int64, _ counter: ExperienceCounter, isAtLimit: Bool) async throws -> Decision.Act {
        let found = try await store.read { database in
            (try Project.fetch(counter.projectID, from: database), try Evaluation.fetch(id, from: database))
        }
        guard let project = found.0 else { return .nothing }
        let before = found.1
        let looks = acts(project)
        let (conclusion, basis): (Conclusion, Basis)
        var passedAt: Timestamp?
        do {
            basis = try await store.read { try Basis(id, looks, from: $0) }
            // What an earlier beginning has passed counts no more.
            passedAt = before?.horizonPassedAt.flatMap { $0.seconds < basis.state.startedAt ?? 0 ? nil : $0 }
            conclusion = try await reports.conclusion(id, looks.scope, afterHorizon: passedAt != nil)
        } catch ExperimentsError.notFound {
            return .nothing
        }
        let now = resources.clock.now
        let decision = Decision.of(
            conclusion,
            Decision.Facts(
                now: now, isAtLimit: isAtLimit, isConcluded: basis.state.isConcluded,
                reallocatedAt: before?.reallocatedAt))
        let told = Told(decision, conclusion)
        var after = Evaluation(at: now, counter, told.json)
        after.horizonPassedAt = passedAt ?? (decision.passesHorizon ? now : nil)
        after.reallocatedAt = before?.reallocatedAt
        if case .share = decision.act { after.reallocatedAt = now }
        after.dueAt = decision.isOpenUntil
        let acting = acts(project, because: told.json)
        return try await store.write { [after] database in
            // Somebody may have changed it meanwhile, or looked at it too: then it is looked at anew.
            guard try Basis(id, acting, from: database) == basis,
                try Evaluation.fetch(id, from: database)?.evaluatedAt == before?.evaluatedAt
            else { throw ExperienceOvertaken() }
            var after = after
            after.announced = try self.announce(
                conclusion, of: id, besides: before?.announced ?? [], looks, in: database)
            try self.apply(decision.act, to: id, acting, in: database)
            try results.save(conclusion, of: id, projectID: project.id, in: database)
            // What was just decided is no change to be looked at.
            after.basis = try Basis(id, acting, from: database).digest
            try after.save(id, in: database)
            _ = try SetAside.remove(.automation, String(id), in: database)
            return decision.act
        }
    }

    /// Announces what is found for the first time. It is the report that says so, not what was decided by it.
    /// - Returns: all that was announced by now.
    private func announce(
        _ conclusion: Conclusion, of id: Int64, besides known: Set<Finding>, _ acts: ExperienceActs,
        in database: Database
    ) throws -> Set<Finding> {
        let found = Finding.all(in: conclusion)
        for finding in Finding.allCases where found.contains(finding) && !known.contains(finding) {
            try acts.announce(finding.kind, of: id, finding.content(conclusion), in: database)
        }
        return known.union(found)
    }

    private func apply(_ act: Decision.Act, to id: Int64, _ acts: ExperienceActs, in database: Database) throws {
        switch act {
        case .nothing: break
        case .stop(let variations): try acts.stop(variations, of: id, in: database)
        case .keep(let winner): try acts.keep(winner, of: id, in: database)
        case .complete: try acts.complete(id, in: database)
        case .share(let shares): try acts.share(shares, of: id, in: database)
        }
    }
}

extension ExperienceAutomation: ExperienceEndings {
    package func conclude(_ experienceID: Int64, projectID: Int64) async throws -> Bool {
        guard let project = try await store.read({ try Project.fetch(projectID, from: $0) }) else { return false }
        let scope = ResourceScope(
            project: project, author: ChangeAuthor(name: "automation", method: .app, requestID: nil), role: .owner)
        guard try await reports.rules(of: experienceID, environment: nil, scope).actsOnResults else { return false }
        let counter =
            try await counters.counters(of: [experienceID])[experienceID]
            ?? ExperienceCounter(projectID: projectID, visitors: 0, conversions: 0)
        for _ in 0..<Self.attempts {
            do {
                switch try await evaluate(experienceID, counter, isAtLimit: true) {
                case .keep, .complete: return true
                case .nothing, .stop, .share: return false
                }
            } catch is ExperienceOvertaken {
                continue
            }
        }
        return false
    }
}

/// An experience was changed while it was looked at.
private struct ExperienceOvertaken: Error {}
