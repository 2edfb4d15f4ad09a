import ControlStore
import GRDB
public import Identity
public import JSON
import Resources

extension ProjectService {
    /// The project as a file that ``importProject(_:accountID:author:)`` reads.
    public func export(_ project: Project, _ selection: ProjectSelection) async throws -> JSONValue {
        try await store.database.read { database in
            var file: JSONValue = ["version": .integer(ProjectFile.version)]
            if selection.includesProject { file["project"] = try settings(of: project, in: database) }
            var tags: Set<Int64> = []
            for (kind, member) in ProjectFile.members.reversed() {
                guard let description = resources.descriptions[kind] else { continue }
                let ids = try Resource.ids(kind, projectID: project.id, from: database).sorted()
                // Tags go along with what bears them.
                let chosen = ids.filter { kind == .tag ? tags.contains($0) : selection.holds($0, kind) }
                let view = ResourceView(
                    description, of: resources.descriptions, project: project, include: description.includable,
                    expand: kind == .experience ? ["variations"] : [])
                var shown = try view.show(chosen, from: database)
                if let parts = description.parts { shown = try shown.map { try parts.portable($0, from: database) } }
                for resource in shown { tags.formUnion(resource["tags"]?.array?.compactMap(\.int64) ?? []) }
                file[member] = .array(shown.map(Self.portable))
            }
            return file
        }
    }

    private func settings(of project: Project, in database: Database) throws -> JSONValue {
        var shown = try show(
            project.id, Options(include: ["global_javascript", "domains"], expand: [], baseURL: ""), in: database)
        for name in ["id", "account_id", "created_at", "modified_at", "tracking_snippet", "sdk_key", "type"] {
            shown[name] = nil
        }
        shown["settings"]?["version"] = nil
        let urls = shown["domains"]?.array?.compactMap { $0["url"] } ?? []
        shown["domains"] = .array(urls.map { ["url": $0] })
        return shown
    }

    /// What of a shown resource means something elsewhere.
    private static func portable(_ resource: JSONValue) -> JSONValue {
        var resource = resource
        for name in ["stats", "project", "created_by", "created_at", "updated_at"] {
            resource[name] = nil
        }
        return resource
    }
}
