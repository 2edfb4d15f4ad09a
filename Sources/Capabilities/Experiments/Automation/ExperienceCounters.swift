/// How much an experience was visited, and how often goals were reached in it.
package struct ExperienceCounter: Sendable, Equatable {
    package let projectID: Int64
    package let visitors: Int64
    package let conversions: Int64

    package init(projectID: Int64, visitors: Int64, conversions: Int64) {
        self.projectID = projectID
        self.visitors = visitors
        self.conversions = conversions
    }
}

/// Tells which experiences were visited. Answered by the room that counts visits.
package protocol ExperienceCounters: Sendable {
    /// The experiences in which anything was counted since this was asked last; nil for all, as at first.
    func takeCounted() -> Set<Int64>?

    /// Of experiences that were ever visited.
    /// - Parameter ids: nil for all.
    func counters(of ids: Set<Int64>?) async throws -> [Int64: ExperienceCounter]
}
