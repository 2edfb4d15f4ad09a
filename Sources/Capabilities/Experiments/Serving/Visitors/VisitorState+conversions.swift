import EventStore

extension VisitorState {
    /// What becomes of an event that reached a goal.
    struct Counted {
        /// What it counts for as a conversion; nil when it is none.
        var conversion: [ExperimentEvent.Assignment]?
        var isTransaction: Bool
    }

    /// Decides what an event that reached a goal is, and remembers it. Visitors convert once an experience, and whoever has
    /// a transaction has a conversion: where none was sent before, the transaction implies it, and one that is sent later
    /// is that one.
    /// - Parameter isEnriched: whether conversions that are sent again are known here; else the client answers for them.
    mutating func count(
        _ conversion: TrackingBatch.Conversion, for assignments: [ExperimentEvent.Assignment], isEnriched: Bool
    ) -> Counted {
        let isPlain = conversion.form == .plain
        let known = goals[conversion.goalID]
        let experiences = (known?.experiences ?? []).union(assignments.map(\.experienceID))
        goals[conversion.goalID] = KnownConversion(
            isImplied: isPlain ? false : known?.isImplied ?? true, experiences: experiences)
        let isTransaction = conversion.form == .transaction
        guard let known else { return Counted(conversion: assignments, isTransaction: isTransaction) }
        if isPlain, !isEnriched, !known.isImplied { return Counted(conversion: assignments, isTransaction: false) }
        let new = assignments.filter { !known.experiences.contains($0.experienceID) }
        return Counted(conversion: new.isEmpty ? nil : new, isTransaction: isTransaction)
    }

    /// Remembers a conversion that a product event was.
    mutating func remember(_ goalID: Int64, for assignments: [ExperimentEvent.Assignment]) {
        var known = goals[goalID] ?? KnownConversion(isImplied: false, experiences: [])
        known.experiences.formUnion(assignments.map(\.experienceID))
        goals[goalID] = known
    }
}
