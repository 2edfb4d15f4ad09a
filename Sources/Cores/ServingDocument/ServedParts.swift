import JSON
import ProjectDocuments
import Text

/// What of a project a document holds.
///
/// Experiences are those of the environment that run; with a debug token also those that do not yet or pause. Completed
/// ones come only to somebody who has a token and names them: SDKs do not look at the status, so a completed test would
/// go on deciding features in the place of newer ones.
///
/// Of everything else there is all that is not archived, used or not: SDKs track goals, select segments and list features
/// by key, whatever experiences do. An archived audience, location or feature stays while something served uses it; the
/// SDKs take an audience that is missing for no restriction at all. Archived goals record nothing and are left out.
/// Unused locations are left out where the project says so (`settings.ignore_unused_locations`). A document of named
/// experiences holds only what these use.
struct ServedParts {
    let experiences: [ExperienceDocument]
    private(set) var goals: [GoalDocument] = []
    private(set) var locations: [LocationDocument] = []
    /// Audiences of the types permanent and transient.
    private(set) var audiences: [AudienceDocument] = []
    /// Audiences of the type segmentation.
    private(set) var segments: [AudienceDocument] = []
    private(set) var features: [FeatureDocument] = []

    /// The environment of experiences that name none.
    private static func defaultEnvironment(of project: ProjectDocument) -> String {
        let environments = project.environments
        return (environments.first { $0.environment.isDefault } ?? environments.first)?.name ?? "production"
    }

    init(_ project: ServedProject, _ selection: ServingSelection) {
        let standard = Self.defaultEnvironment(of: project.project)
        let environment = selection.environment ?? standard
        experiences = project.experiences.byID.filter { experience in
            experience.isServed(to: selection)
                && (experience.environment ?? standard).hasSameBytes(as: environment)
        }
        let isNarrow = selection.experienceIDs != nil
        let dropsLocations = project.project.settings.ignoreUnusedLocations
        let (goals, locations) = (project.goals.byID, project.locations.byID)
        let (audiences, features) = (project.audiences.byID, project.features.byID)
        // What is used may have rules that use more.
        var used = References(of: experiences)
        while true {
            self.goals = goals.filter { !$0.isArchived && (!isNarrow || used.goals.has($0)) }
            self.locations = locations.filter {
                used.locations.has($0) || !(isNarrow || dropsLocations || $0.isArchived)
            }
            let served = audiences.filter { used.audiences.has($0) || !(isNarrow || $0.isArchived) }
            self.audiences = served.filter { !$0.isSegment }
            segments = served.filter(\.isSegment)
            self.features = features.filter { used.features.has($0) || !(isNarrow || $0.isArchived) }
            var more = used
            for goal in self.goals { more.addRules(goal.triggeringRule) }
            for location in self.locations { more.addRules(location.rules) }
            for audience in served { more.addRules(audience.rules) }
            if more == used { return }
            used = more
        }
    }
}

extension Set<Int64> {
    fileprivate func has(_ resource: some NamedDocument) -> Bool { resource.id.map { contains($0) } ?? false }
}
