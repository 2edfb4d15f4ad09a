import ControlStore
public import Identity
import JSON
import Resources

extension ProjectService {
    /// Writes the project as a file that ``importProject(_:accountID:author:checks:)`` reads, as it is at one moment, piece
    /// by piece: however large it is, a few resources are held at a time.
    /// - Parameter write: takes the next bytes of the file; blocks, and nobody waits for it.
    public func export(
        _ project: Project, _ selection: ProjectSelection, to write: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws {
        try await store.readAtLength(holder: project.accountID) { database in
            try write(Array("{\"version\":\(ProjectFile.version)".utf8))
            if selection.includesProject {
                try write(Array(",\"project\":".utf8) + settings(of: project, in: database).encoded())
            }
            var tags: Set<Int64> = []
            for (kind, member) in ProjectFile.members.reversed() {
                guard let description = resources.descriptions[kind] else { continue }
                let ids = try Resource.ids(kind, projectID: project.id, from: database).sorted()
                // Tags go along with what bears them.
                let chosen = ids.filter { kind == .tag ? tags.contains($0) : selection.holds($0, kind) }
                try write(Array(",\"\(member)\":[".utf8))
                var isFirst = true
                for start in stride(from: 0, to: chosen.count, by: Self.exportedAtOnce) {
                    let piece = Array(chosen[start..<min(start + Self.exportedAtOnce, chosen.count)])
                    try show(piece, description, project, in: database) { resource in
                        tags.formUnion(resource["tags"]?.array?.compactMap(\.int64) ?? [])
                        try write((isFirst ? [] : [UInt8(ascii: ",")]) + Self.portable(resource).encoded())
                        isFirst = false
                    }
                }
                try write([UInt8(ascii: "]")])
            }
            try write([UInt8(ascii: "}")])
        }
    }

    /// Resources that are read at once, unless they are large.
    private static let exportedAtOnce = 50

    /// Hands over resources one after the other; fewer at a time where they are too much for one page.
    private func show(
        _ ids: [Int64], _ description: ResourceDescription, _ project: Project, in database: Database,
        _ body: (JSONValue) throws -> Void
    ) throws {
        let view = ResourceView(
            description, of: resources.descriptions, project: project, include: description.includable,
            expand: description.kind == .experience ? ["variations"] : [])
        guard let shown = try view.showUnlessTooLarge(ids, from: database) else {
            let middle = ids.count / 2
            try show(Array(ids[..<middle]), description, project, in: database, body)
            try show(Array(ids[middle...]), description, project, in: database, body)
            return
        }
        for resource in shown { try body(description.parts?.portable(resource, from: database) ?? resource) }
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
