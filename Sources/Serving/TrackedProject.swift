import JSON
import ServingDocument

/// What events of a project may count for.
public struct TrackedProject: Sendable {
    struct Experience: Sendable {
        let environment: String?
        let variations: Set<Int64>
        let goals: Set<Int64>
    }

    let id: Int64
    /// Those that run.
    let experiences: [Int64: Experience]
    let goals: Set<Int64>

    init(_ project: ServedProject) {
        id = project.project["id"]?.int64 ?? 0
        goals = Set(project.goals.filter { $0["status"] != "archived" }.compactMap { $0["id"]?.int64 })
        var experiences: [Int64: Experience] = [:]
        for experience in project.experiences where experience["status"] == "active" {
            guard let id = experience["id"]?.int64 else { continue }
            let running = (experience["variations"]?.array ?? []).filter { $0["status"] != "stopped" }
            experiences[id] = Experience(
                environment: experience["environment"]?.string,
                variations: Set(running.compactMap { $0["id"]?.int64 }),
                goals: Set(
                    (experience["goals"]?.array ?? []).compactMap { $0.int64 ?? $0["id"]?.int64 }))
        }
        self.experiences = experiences
    }

    /// Why a visitor cannot have come into a variation now; nil when they can.
    func rejection(experienceID: Int64, variationID: Int64) -> TrackingRejection? {
        guard let experience = experiences[experienceID] else { return .experience }
        return experience.variations.contains(variationID) ? nil : .variation
    }
}
