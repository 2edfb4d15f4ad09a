import ControlStore
import Identity
public import JSON
public import Resources
import Time
public import WebFetch

/// Looks whether pages carry a project's tracking script.
public struct CodeCheck: Sendable {
    private let resources: ResourceService
    private let fetcher: WebFetcher

    public init(resources: ResourceService, fetcher: WebFetcher) {
        self.resources = resources
        self.fetcher = fetcher
    }

    /// Fetches a page of a domain (contract operation `checkCodeDomain`). Once the script was found, the domain says so
    /// for good.
    /// - Returns: the domain.
    /// - Throws: ``ExperimentsError`` when the page lies elsewhere or cannot be fetched.
    public func run(_ domainID: Int64, url: String, _ scope: ResourceScope) async throws -> JSONValue {
        let domain = try await resources.store.read { database in
            try resources.find(.domain, .id(domainID), scope, in: database)
        }
        guard let page = DomainAddress(url), !page.isWildcard,
            let address = DomainAddress(domain.name), address.covers(page)
        else {
            throw ExperimentsError.invalid(
                "url", "url must be the address of a page of the domain \(domain.name).")
        }
        let fetched: WebPage
        do {
            fetched = try await fetcher.page(at: url)
        } catch let error as WebFetchError {
            throw ExperimentsError.invalid("url", "url could not be fetched: \(error).")
        }
        guard (200..<300).contains(fetched.status) else {
            throw ExperimentsError.invalid("url", "url answered with the status \(fetched.status); it must be a page.")
        }
        let isInstalled = Self.holdsScript(fetched.text, scope.project)
        return try await resources.store.write { database in
            if isInstalled { try resources.markInstalled(domainID, scope, in: database) }
            return try resources.showWhole(domainID, .domains, scope, in: database)
        }
    }

    /// Whether a page names the project's script, in a tag or in code that loads it; not in what is commented out.
    static func holdsScript(_ page: String, _ project: Project) -> Bool {
        var rest = page[...]
        let path = ProjectView.scriptPath(project.accountID, project.id)
        while let comment = rest.firstRange(of: "<!--") {
            if rest[..<comment.lowerBound].contains(path) { return true }
            guard let end = rest[comment.upperBound...].firstRange(of: "-->") else { return false }
            rest = rest[end.upperBound...]
        }
        return rest.contains(path)
    }
}
