import ProjectDocuments

extension ExperienceDocument {
    /// Whether a config holds the experience, by its status and by what is asked for.
    func isServed(to selection: ServingSelection) -> Bool {
        let isNamed = id.map { selection.experienceIDs?.contains($0) ?? false } ?? false
        guard isNamed || selection.experienceIDs == nil else { return false }
        switch status {
        case .active: return true
        case .draft, .paused, .scheduled: return selection.isDebug
        case .completed: return selection.isDebug && isNamed
        case .archived, nil: return false
        }
    }
}
