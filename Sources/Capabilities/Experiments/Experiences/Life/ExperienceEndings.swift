/// What comes of an experience that has run as long, or has had as many visitors, as it may. Answered by the room that decides
/// by results.
package protocol ExperienceEndings: Sendable {
    /// - Returns: whether it is done with: its winner was kept, or it was completed by its results. Otherwise it is to be completed.
    /// - Throws: trouble of a store.
    func conclude(_ experienceID: Int64, projectID: Int64) async throws -> Bool
}
