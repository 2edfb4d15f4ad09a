import ServingDocument
import Synchronization
import Time

/// A project as it was at one revision, and what everybody asks for of it.
final class LoadedProject: Sendable {
    /// A document, or nothing where it would be larger than is served.
    typealias Made = Result<ConfigDocument, ConfigDocument.Oversized>

    let served: ServedRevision
    let loadedAt: Timestamp
    /// What is being made of it.
    let making = SingleFlight<ServingSelection, Made>()
    let planning = SingleFlight<ServingSelection, DecisionPlan>()
    private let documents = Mutex<[ServingSelection: Made]>([:])
    private let plans = Mutex<[ServingSelection: DecisionPlan]>([:])

    /// Environments whose documents and plans are kept; of more, all are made anew.
    private static let maximumEnvironments = 64

    init(_ served: ServedRevision, loadedAt: Timestamp) {
        self.served = served
        self.loadedAt = loadedAt
    }

    /// The whole document of an environment, if it has been made.
    func document(_ selection: ServingSelection) -> Made? { documents.withLock { $0[selection] } }

    func plan(_ selection: ServingSelection) -> DecisionPlan? { plans.withLock { $0[selection] } }

    func keep(_ made: Made, _ selection: ServingSelection) {
        documents.withLock { Self.keep(made, selection, in: &$0) }
    }

    func keep(_ plan: DecisionPlan, _ selection: ServingSelection) {
        plans.withLock { Self.keep(plan, selection, in: &$0) }
    }

    private static func keep<Value>(
        _ value: Value, _ selection: ServingSelection, in kept: inout [ServingSelection: Value]
    ) {
        if kept.count >= maximumEnvironments { kept.removeAll() }
        kept[selection] = value
    }
}

extension ServingSelection {
    /// Whether it is what everybody gets of an environment: there are few such documents, and all others are without number.
    var isWhole: Bool { experienceIDs == nil && !isDebug }
}
