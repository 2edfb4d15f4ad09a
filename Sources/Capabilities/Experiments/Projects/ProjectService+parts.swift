import ControlStore
import Identity
import JSON
import Resources
import Text
import Time

/// What a project consists of besides its settings.
extension ProjectService {
    func setParts(
        of scope: ResourceScope, _ body: JSONObject, _ rows: TenancyRows, in database: Database
    ) throws {
        if let environments = body["environments"]?.object {
            try setEnvironments(of: scope.project, environments, rows, in: database)
        }
        if let domains = body["domains"]?.array { try setDomains(of: scope, domains, in: database) }
        for (member, kind) in ProjectView.defaults {
            guard let list = body[member]?.array else { continue }
            try setDefaults(member, kind, list.map { $0["id"] ?? $0 }, scope, in: database)
        }
    }

    /// Environments that the body does not name go, unless keys or data hang on them.
    private func setEnvironments(
        of project: Project, _ environments: JSONObject, _ rows: TenancyRows, in database: Database
    ) throws {
        let defaults = environments.filter { $0.value["is_default"]?.bool == true }
        guard defaults.count == 1 else {
            throw ExperimentsError.invalid("environments", "Exactly one of the environments must be the default.")
        }
        var ids: [ClientText: Int64] = [:]
        let known = try ProjectEnvironment.fetchAll(projectID: project.id, from: database)
        // Whoever has more than a smaller plan allows keeps them.
        let limit = try plans.environmentLimit(accountID: project.accountID, at: clock.now, in: database)
        if let limit, environments.count > max(Int(clamping: limit), known.count) {
            throw ExperimentsError.conflict("The account's plan allows \(limit) environments in a project.")
        }
        for stored in known {
            if environments[stored.name] != nil {
                ids[ClientText(stored.name)] = stored.id
            } else if try stored.hasKeys(from: database) {
                throw ExperimentsError.conflict(
                    "The environment \(stored.name) has valid keys; delete them before the environment.")
            } else {
                try contents.schedule(environments: [stored.id], project: nil, in: database)
                try ProjectEnvironment.delete(stored.id, in: database)
            }
        }
        try ProjectEnvironment.clearDefault(projectID: project.id, in: database)
        for (name, environment) in environments {
            guard (1...255).contains(name.unicodeScalars.count), !name.containsBytes(of: "/") else {
                throw ExperimentsError.invalid(
                    "environments", "Names of environments have 1 to 255 characters, no slash.")
            }
            let id = try ids[ClientText(name)] ?? rows.addEnvironment(name: name, projectID: project.id)
            try ProjectEnvironment.store(
                label: environment["label"]?.string, javaScript: environment["js"]?.string,
                isDefault: environment["is_default"]?.bool ?? false, of: id, in: database)
        }
    }

    /// The list replaces the stored one: what has an id, or the address of a stored one, is that one; what has none is
    /// added; what is missing is deleted. Only the list as a whole must be free of doubles, not every step on the way.
    private func setDomains(of scope: ResourceScope, _ domains: [JSONValue], in database: Database) throws {
        let stored = try Resource.fetchAll(.domain, projectID: scope.project.id, from: database)
        var kept = Set(domains.compactMap { $0.int64 ?? $0["id"]?.int64 })
        var targets: [Int64?] = []
        var names: Set<ClientText> = []
        for (index, domain) in domains.enumerated() {
            let name = domain["url"]?.string.flatMap { DomainAddress($0)?.description }
            var target = domain.int64 ?? domain["id"]?.int64
            if target == nil {
                target = stored.first { ($0.name as String?).hasSameBytes(as: name) && !kept.contains($0.id) }?.id
            }
            if let target {
                guard let domain = stored.first(where: { $0.id == target }) else {
                    throw ExperimentsError.invalid(
                        "domains[\(index)]", "domains[\(index)]: there is no domain \(target) in this project.")
                }
                kept.insert(target)
                if !names.insert(ClientText(name ?? domain.name)).inserted {
                    throw Self.double(index, name ?? domain.name)
                }
            } else if let name, !names.insert(ClientText(name)).inserted {
                throw Self.double(index, name)
            }
            targets.append(target)
        }
        for domain in stored where !kept.contains(domain.id) {
            try resources.remove(.domains, domain.id, scope, in: database)
        }
        for (index, (target, domain)) in zip(targets, domains).enumerated() {
            try ExperimentsError.placing(in: "domains[\(index)]") {
                if let target {
                    guard let body = domain.object else { return }
                    try resources.change(.domains, target, body, scope, deferring: .uniqueNames, in: database)
                } else {
                    let body = domain.object ?? JSONObject()
                    _ = try resources.insert(.domains, body, scope, deferring: .uniqueNames, in: database)
                }
            }
        }
    }

    private static func double(_ index: Int, _ name: String) -> ExperimentsError {
        .invalid("domains[\(index)].url", "domains[\(index)].url: \(name) is in the list twice.")
    }

    /// New experiences start with these: the resource's own `selected_default` says the same.
    private func setDefaults(
        _ member: String, _ kind: ResourceKind, _ list: [JSONValue], _ scope: ResourceScope, in database: Database
    ) throws {
        guard let description = resources.descriptions[kind] else { return }
        let wanted = Set(list.compactMap(\.int64))
        for id in wanted.sorted() where try Resource.fetch(id, kind, projectID: scope.project.id, from: database) == nil
        {
            throw ExperimentsError.invalid(member, "\(member): there is no \(kind.noun) \(id) in this project.")
        }
        let current = Set(try Resource.defaults(kind, projectID: scope.project.id, from: database).map(\.id))
        for id in wanted.symmetricDifference(current).sorted() {
            let body = JSONObject([("selected_default", .bool(wanted.contains(id)))])
            try resources.change(description, id, body, scope, in: database)
        }
    }
}
