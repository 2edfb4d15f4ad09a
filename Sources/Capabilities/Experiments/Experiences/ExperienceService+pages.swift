public import Browser
import ControlStore
import Identity
import JSON
public import Resources

extension ExperienceService {
    /// How a browser gets to see a variation; nil when it, or a page to show it on, is not there.
    public func visit(_ variationID: Int64, of experienceID: Int64, projectID: Int64) async throws -> PageVisit? {
        try await resources.store.read { database in
            guard let experience = try Resource.fetch(experienceID, .experience, projectID: projectID, from: database),
                let variation = try Variation.fetch(id: variationID, from: database),
                variation.experienceID == experienceID, let url = Self.url(experience)
            else { return nil }
            var page = PageVisit(url: url)
            // Makes a page that bears the tracking code show this variation.
            page.query = "_conv_eforce=\(experienceID).\(variationID)"
            page.css = Self.code(experience.document["global_css"])
            page.javaScript = Self.code(experience.document["global_js"])
            let firstPage = experience.document["multipage_pages"]?.array?.first?["id"]
            let owners = [.variation(variationID)] + variation.versions.map(VariationChange.Owner.init(combined:))
            for owner in owners {
                for change in try VariationChange.fetch(owner, of: experienceID, from: database) {
                    // Of many pages, the first is shown.
                    if let changed = change.data["page_id"], let firstPage, changed != firstPage { continue }
                    page.add(change)
                }
            }
            return page
        }
    }

    /// The ids of variations that can be shown on a page.
    /// - Parameter named: of the experience; all when nil.
    /// - Throws: ``ExperimentsError``.
    public func variationsWithPages(
        of experienceID: Int64, named: [Int64]?, _ scope: ResourceScope
    ) async throws -> [Int64] {
        try await resources.store.read { database in
            let experience = try resources.find(.experience, .id(experienceID), scope, in: database)
            guard scope.project.type == .web else {
                throw ExperimentsError.conflict(
                    "Experiences of fullstack projects change no page: there is none to show.")
            }
            guard Self.url(experience) != nil else {
                throw ExperimentsError.conflict(
                    "The experience names no page: give it a url that begins with http:// or https://.")
            }
            let all = try Variation.fetch(of: experienceID, from: database).map(\.id)
            guard let named else { return all }
            for (index, id) in named.enumerated() where !all.contains(id) {
                throw ExperimentsError.invalid(
                    "variations[\(index)]", "variations[\(index)]: there is no variation \(id) in this experience.")
            }
            return all.filter(named.contains)
        }
    }

    /// - Throws: ``ExperimentsError/notFound(_:)`` when the variation is none of the experience's.
    public func checkVariation(_ variationID: Int64, of experienceID: Int64, _ scope: ResourceScope) async throws {
        try await resources.store.read { database in
            _ = try resources.find(.experience, .id(experienceID), scope, in: database)
            guard try Variation.fetch(id: variationID, from: database)?.experienceID == experienceID else {
                throw Self.noVariation(variationID)
            }
        }
    }

    private static func url(_ experience: Resource) -> String? {
        let pages = experience.document["multipage_pages"]?.array ?? []
        let url = pages.first?["url"]?.string ?? experience.document["url"]?.string ?? ""
        let start = url.prefix { $0 != "/" }.lowercased()
        return start == "http:" || start == "https:" ? url : nil
    }

    static func code(_ value: JSONValue?) -> [String] {
        value?.string.map { $0.isEmpty ? [] : [$0] } ?? []
    }
}

extension PageVisit {
    fileprivate mutating func add(_ change: VariationChange) {
        css += ExperienceService.code(change.data["css"])
        javaScript += ExperienceService.code(change.data["js"]) + ExperienceService.code(change.data["custom_js"])
        guard let pattern = change.data["original_pattern"]?.string,
            let replacement = change.data["variation_pattern"]?.string
        else { return }
        redirect = Redirect(
            pattern: pattern, replacement: replacement,
            isCaseSensitive: change.data["case_sensitive"]?.bool ?? false)
    }
}
