import Experiences
import Identity
import Resources

/// Which operations of the contract serve a kind of resource, and what its parameters are called there.
struct ResourceRoutes: Sendable {
    let description: ResourceDescription
    /// What permissions call it.
    let kept: Permission.Kept
    /// The id in the address, such as `goal_id`.
    let idParameter: String
    var list: String
    /// Nil when another controller serves it.
    var get: String?
    var add: String
    var update: String?
    /// Whether an update must leave a whole that satisfies the contract; otherwise the contract says what an update is.
    var checksWhole = true
    /// The operation that changes nothing but the status.
    var updateStatus: String?
    var delete: String
    var bulkUpdate: String?
    var bulkDelete: String
    var clone: String?
    /// Whether the contract answers a deletion with what was deleted.
    var deletionShowsResource = false
    /// The operation that finds by key, and what it calls the key.
    var getByKey: (operation: String, parameter: String)?

    static let all: [ResourceRoutes] = [
        ResourceRoutes(
            description: .tags, kept: .tag, idParameter: "tag_id", list: "getTagsList", get: "getTag", add: "createTag",
            update: "updateTag", delete: "deleteTag", bulkDelete: "bulkTagsDelete"),
        ResourceRoutes(
            description: .goals, kept: .goal, idParameter: "goal_id", list: "getGoalsList", get: "getGoal",
            add: "createGoal",
            update: "updateGoal", delete: "deleteGoal", bulkUpdate: "bulkGoalsUpdate", bulkDelete: "bulkGoalsDelete",
            clone: "cloneGoal", getByKey: ("getGoalByKey", "goal_key")),
        ResourceRoutes(
            description: .audiences, kept: .audience, idParameter: "audience_id", list: "getAudiencesList",
            get: "getAudience",
            add: "createAudience", update: "updateAudience", delete: "deleteAudience",
            bulkUpdate: "bulkAudiencesUpdate", bulkDelete: "bulkAudiencesDelete", clone: "cloneAudience"),
        ResourceRoutes(
            description: .locations, kept: .location, idParameter: "location_id", list: "getLocationsList",
            get: "getLocation",
            add: "createLocation", update: "updateLocation", delete: "deleteLocation",
            bulkUpdate: "bulkLocationsUpdate", bulkDelete: "bulkLocationsDelete", clone: "cloneLocation"),
        ResourceRoutes(
            description: .features, kept: .feature, idParameter: "feature_id", list: "getFeaturesList",
            get: "getFeature",
            add: "createFeature", update: "updateFeature", delete: "deleteFeature", bulkUpdate: "bulkFeaturesUpdate",
            bulkDelete: "bulkFeaturesDelete", getByKey: ("getFeatureByKey", "feature_key")),
        ResourceRoutes(
            description: .hypotheses, kept: .hypothesis, idParameter: "hypothesis_id", list: "getHypothesesList",
            get: "getHypothesis",
            add: "createHypothesis", update: "updateHypothesis", updateStatus: "updateHypothesisStatus",
            delete: "deleteHypothesis",
            bulkUpdate: "bulkHypothesesUpdate", bulkDelete: "bulkHypothesesDelete", deletionShowsResource: true),
        ResourceRoutes(
            description: .knowledgeBases, kept: .knowledgeBase, idParameter: "knowledge_base_id",
            list: "getKnowledgeBasesList",
            get: "getKnowledgeBase", add: "createKnowledgeBase", updateStatus: "updateKnowledgeBase",
            delete: "deleteKnowledgeBase", bulkUpdate: "bulkKnowledgeBasesUpdate",
            bulkDelete: "bulkKnowledgeBasesDelete", deletionShowsResource: true),
        ResourceRoutes(
            description: .observations, kept: .observation, idParameter: "observation_id", list: "getObservationsList",
            get: "getObservation", add: "createObservation", update: "updateObservation", delete: "deleteObservation",
            bulkUpdate: "bulkObservationsUpdate", bulkDelete: "bulkObservationsDelete", deletionShowsResource: true),
        ResourceRoutes(
            description: .domains, kept: .domain, idParameter: "domain_id", list: "getDomainsList", get: "getDomain",
            add: "createDomain", update: "updateDomain", delete: "deleteDomain", bulkDelete: "bulkDomainsDelete"),
        ResourceRoutes(
            description: .experiences, kept: .experience, idParameter: "experience_id", list: "getExperiencesList",
            get: nil,
            add: "createExperience", update: "updateExperience", checksWhole: false, delete: "deleteExperience",
            bulkUpdate: "bulkExperiencesUpdate", bulkDelete: "bulkExperiencesDelete",
            getByKey: ("getExperienceByKey", "experience_key")),
    ]
}
