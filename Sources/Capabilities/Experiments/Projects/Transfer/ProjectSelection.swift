public import JSON
import Resources

/// Which parts of a project an export holds (contract schema `ExportProjectRequestData`).
public struct ProjectSelection: Sendable {
    let includesProject: Bool
    private let parts: [ResourceKind: Part]

    private enum Part: Sendable {
        case only(Set<Int64>)
        case allBut(Set<Int64>)
    }

    /// - Throws: ``ExperimentsError`` when a part names what to include and what to exclude.
    public init(_ body: JSONObject) throws {
        includesProject = body["includeProject"]?.bool ?? true
        var parts: [ResourceKind: Part] = [:]
        for (kind, member) in ProjectFile.members {
            let include = body[member]?["include"]?.array?.compactMap(\.int64)
            let exclude = body[member]?["exclude"]?.array?.compactMap(\.int64)
            switch (include, exclude) {
            case (nil, nil): break
            case (let ids?, nil): parts[kind] = .only(Set(ids))
            case (nil, let ids?): parts[kind] = .allBut(Set(ids))
            case (_?, _?):
                throw ExperimentsError.invalid(member, "\(member) takes include or exclude, not both.")
            }
        }
        self.parts = parts
    }

    func holds(_ id: Int64, _ kind: ResourceKind) -> Bool {
        switch parts[kind] {
        case nil: true
        case .only(let ids): ids.contains(id)
        case .allBut(let ids): !ids.contains(id)
        }
    }
}
