package import ControlStore
import Identity
public import JSON
import ProjectDocuments
import Time

extension ResourceService {
    /// The project's domain that a page belongs to: the exact host before a wildcard, the longer wildcard
    /// before the shorter, then the longer path, then the page's own scheme.
    /// - Throws: ``ExperimentsError``.
    public func domain(of url: String, _ scope: ResourceScope) async throws -> JSONValue {
        guard let page = DomainAddress(url) else {
            throw ExperimentsError.invalid(
                "url", "url must be the address of a page, such as https://example.com/shop.")
        }
        return try await store.read { database in
            let rows = try database.rows(
                sql: "SELECT id, name FROM resources WHERE project_id = ? AND kind = ? ORDER BY id",
                arguments: [scope.project.id, ResourceKind.domain.rawValue])
            let candidates = try rows.compactMap { row -> (id: Int64, address: DomainAddress)? in
                try DomainAddress(row.read("name")).map { try (row.read("id"), $0) }
            }.filter { $0.address.covers(page) }
            let best = candidates.max { $0.address.precision(for: page) < $1.address.precision(for: page) }
            guard let best else {
                throw ExperimentsError.notFound("No domain of this project covers \(url.prefix(200)).")
            }
            return try showWhole(best.id, .domains, scope, in: database)
        }
    }

    /// Notes for good that the pages of a domain carry the tracking script.
    package func markInstalled(_ domainID: Int64, _ scope: ResourceScope, in database: Database) throws {
        let domain = try find(.domain, .id(domainID), scope, in: database)
        if DomainDocument(domain.document).codeInstalled { return }
        try database.execute(
            sql: """
                UPDATE resources SET document = \(SQL.settingTrue("code_installed")), updated_at = ?
                WHERE id = ?
                """,
            arguments: [clock.now, domainID])
        try changeLog(scope).record(
            "update", ResourceKind.domain.rawValue, id: domainID, old: JSONObject([("code_installed", false)]),
            new: JSONObject([("code_installed", true)]), in: database)
    }
}
