package import ControlStore
import Identity
package import JSON
import ProjectDocuments
import Resources
import Text
import Time

/// What subscribers are told of experiences, within the transaction of what it is about.
///
/// They are told in the environment that an experience runs in, as its keys see the experiences of this environment only.
extension ExperienceActs {
    /// Announces what became of an experience.
    /// - Parameter more: members besides the experience, and besides the cause of what the server does by itself.
    package func announce(
        _ kind: Announcement.Kind, of id: Int64, _ more: JSONObject = JSONObject(), in database: Database
    ) throws {
        try announce(kind, resources.find(.experience, .id(id), scope, in: database), more, in: database)
    }

    func announce(
        _ kind: Announcement.Kind, _ resource: Resource, status: String? = nil, _ more: JSONObject = JSONObject(),
        in database: Database
    ) throws {
        let experience = resource.experience
        guard
            let environment = try Self.environment(
                named: experience.environment, projectID: scope.project.id, in: database)
        else { return }
        var shown = JSONObject()
        shown["id"] = .integer(resource.id)
        shown["key"] = .string(resource.key ?? "")
        shown["name"] = .string(resource.name)
        shown["project_id"] = .integer(scope.project.id)
        shown["environment"] = .string(environment.name)
        shown["status"] = .string(status ?? resource.status ?? ExperienceStatus.draft.rawValue)
        shown["start_time"] = experience.startTime.map { .integer($0) } ?? .null
        shown["end_time"] = experience.endTime.map { .integer($0) } ?? .null
        var content = JSONObject([("experience", .object(shown)), ("cause", scope.author.cause ?? .null)])
        for (name, value) in more { content[name] = value }
        try Announcement.add(
            kind, content, environmentID: environment.id, at: resources.clock.now, in: database)
    }

    /// The environment that an experience runs in; nil when either is gone.
    package static func environment(
        of experienceID: Int64, projectID: Int64, in database: Database
    ) throws -> Int64? {
        guard
            let resource = try Resource.fetch(experienceID, .experience, projectID: projectID, from: database)
        else { return nil }
        return try environment(named: resource.experience.environment, projectID: projectID, in: database)?.id
    }

    /// - Parameter name: nil for the project's default one.
    private static func environment(
        named name: String?, projectID: Int64, in database: Database
    ) throws -> ProjectEnvironment? {
        let environments = try ProjectEnvironment.fetchAll(projectID: projectID, from: database)
        return environments.first { one in name.map { one.name.hasSameBytes(as: $0) } ?? one.isDefault }
    }
}

extension ExperienceActs {
    /// Announces a start, or an end, that a change of the experience has brought about. One that goes on in another environment
    /// has ended in the one before.
    /// - Parameter old: what it was; nil for a new one.
    func announceMove(of id: Int64, from old: Resource?, in database: Database) throws {
        let new = try resources.find(.experience, .id(id), scope, in: database)
        let (was, runs) = (Self.runs(old), Self.runs(new))
        if let old, was, runs {
            guard try isMoved(from: old, to: new, in: database) else { return }
            try announce(.experienceStopped, old, status: "moved", in: database)
        }
        if was || runs { try announce(runs ? .experienceStarted : .experienceStopped, new, in: database) }
    }

    private func isMoved(from old: Resource, to new: Resource, in database: Database) throws -> Bool {
        let names = (old.experience.environment, new.experience.environment)
        if names.0 == nil, names.1 == nil { return false }
        let environments = try [names.0, names.1].map {
            try Self.environment(named: $0, projectID: scope.project.id, in: database)?.id
        }
        return environments[0] != environments[1]
    }

    /// Announces that one that runs is about to be deleted.
    func announceRemoval(of resource: Resource, in database: Database) throws {
        guard Self.runs(resource) else { return }
        try announce(.experienceStopped, resource, status: "deleted", in: database)
    }

    private static func runs(_ resource: Resource?) -> Bool { resource?.status == ExperienceStatus.active.rawValue }
}
