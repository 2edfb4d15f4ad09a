import ControlStore
import Experiences
import Identity
import JSON
import ProjectDocuments
import Resources

/// What results follow from besides traffic: the experience as it is set up, and its project's reporting settings.
struct Basis: Equatable {
    let state: ExperienceActs.State
    private let settings: ProjectReportingSettings

    /// - Throws: `ExperimentsError.notFound` for an experience that is gone.
    init(_ experienceID: Int64, _ acts: ExperienceActs, from database: Database) throws {
        state = try acts.state(of: experienceID, in: database)
        settings = try .fetch(of: acts.projectID, from: database)
    }

    /// Another one whenever either was changed.
    var digest: String? {
        ConcurrencyKey.of(["experience": state.concurrencyKey, "project": settings.json]).string
    }
}
