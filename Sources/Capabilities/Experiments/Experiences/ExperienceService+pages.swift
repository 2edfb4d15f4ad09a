public import Browser
import ControlStore
import Identity
import JSON
import ProjectDocuments
public import Resources
import Text

extension ExperienceService {
    /// How a browser gets to see a variation; nil when it, or a page to show it on, is not there.
    public func visit(_ variationID: Int64, of experienceID: Int64, projectID: Int64) async throws -> PageVisit? {
        try await resources.store.read { database in
            guard let resource = try Resource.fetch(experienceID, .experience, projectID: projectID, from: database),
                let variation = try Variation.fetch(id: variationID, from: database),
                variation.experienceID == experienceID, let url = Self.url(resource.experience)
            else { return nil }
            let experience = resource.experience
            var page = PageVisit(url: url)
            // Makes a page that bears the tracking code show this variation.
            page.query = "_conv_eforce=\(experienceID).\(variationID)"
            page.css = [experience.globalCSS].compactMap(\.self)
            page.javaScript = [experience.globalJS].compactMap(\.self)
            let firstPage = experience.pages.first?.id
            let owners = [.variation(variationID)] + variation.versions.map(VariationChange.Owner.init(combined:))
            for owner in owners {
                for change in try VariationChange.fetch(owner, of: experienceID, from: database) {
                    // Of many pages, the first is shown.
                    if let changed = change.data.pageID, let firstPage, !changed.hasSameBytes(as: firstPage) {
                        continue
                    }
                    page.add(change.data)
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
            guard Self.url(experience.experience) != nil else {
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

    private static func url(_ experience: ExperienceDocument) -> String? {
        let url = experience.pages.first?.url ?? experience.url ?? ""
        let start = url.prefix { $0 != "/" }.lowercased()
        return start == "http:" || start == "https:" ? url : nil
    }
}

extension PageVisit {
    fileprivate mutating func add(_ change: ChangeData) {
        css += [change.css].compactMap(\.self)
        javaScript += [change.js, change.customJS].compactMap(\.self)
        guard let pattern = change.originalPattern, let replacement = change.variationPattern else { return }
        redirect = Redirect(pattern: pattern, replacement: replacement, isCaseSensitive: change.isCaseSensitive)
    }
}
