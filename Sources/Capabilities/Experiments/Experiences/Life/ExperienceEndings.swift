/// What comes of an experience that has run as long, or has had as many visitors, as it may. Answered by the room that decides
/// by results.
package protocol ExperienceEndings: Sendable {
    /// - Returns: whether something was done in place of completing it: its winner was kept.
    func conclude(_ experienceID: Int64, projectID: Int64) async throws -> Bool
}
