import ControlStore
import GRDB
import Identity
import JSON
public import Time

/// What a browser opens, and puts into the page, to see a variation.
public struct VariationPage: Sendable, Equatable {
    public let url: String
    public var redirect: Redirect?
    public var css: [String] = []
    public var javaScript: [String] = []
    /// Makes a page that bears the tracking code show this variation.
    public let query: String

    /// Where a split URL test sends its visitors.
    public struct Redirect: Sendable, Equatable {
        public let pattern: String
        public let replacement: String
        public let isCaseSensitive: Bool
    }
}

/// How far the picture of a variation is (contract schema `ExperienceBase`, member `screenshots_info`).
public struct ScreenshotState: Sendable, Equatable {
    public let variationID: Int64
    /// When it was asked for; nil when none is being taken.
    public let inProgressSince: Timestamp?
    /// Nil when there is none.
    public let takenAt: Timestamp?

    public init(variationID: Int64, inProgressSince: Timestamp?, takenAt: Timestamp?) {
        self.variationID = variationID
        self.inProgressSince = inProgressSince
        self.takenAt = takenAt
    }

    var shown: JSONValue {
        [
            "variation_id": .integer(variationID),
            "in_progress_since": inProgressSince.map { .integer($0.seconds) } ?? .null,
            "last_taken_screenshot_time": takenAt.map { .integer($0.seconds) } ?? .null,
        ]
    }
}

extension ExperienceService {
    /// The variation as a page; nil when it, or a page to show it on, is not there.
    public func page(of variationID: Int64, experienceID: Int64, projectID: Int64) async throws -> VariationPage? {
        try await resources.store.database.read { database in
            guard let experience = try Resource.fetch(experienceID, .experience, projectID: projectID, from: database),
                let variation = try Variation.fetch(id: variationID, from: database),
                variation.experienceID == experienceID, let url = Self.url(experience)
            else { return nil }
            var page = VariationPage(url: url, query: "_conv_eforce=\(experienceID).\(variationID)")
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

    /// The ids of the experience's variations, all of which can be shown on a page.
    /// - Throws: ``ExperimentsError``.
    public func variationsWithPages(of experienceID: Int64, _ scope: ResourceScope) async throws -> [Int64] {
        try await resources.store.database.read { database in
            let experience = try resources.find(.experience, .id(experienceID), scope, in: database)
            guard scope.project.type == .web else {
                throw ExperimentsError.conflict("Experiences of fullstack projects change no page: there is none to show.")
            }
            guard Self.url(experience) != nil else {
                throw ExperimentsError.conflict(
                    "The experience names no page: give it a url that begins with http:// or https://.")
            }
            return try Variation.fetch(of: experienceID, from: database).map(\.id)
        }
    }

    /// - Throws: ``ExperimentsError/notFound(_:)`` when the variation is none of the experience's.
    public func checkVariation(_ variationID: Int64, of experienceID: Int64, _ scope: ResourceScope) async throws {
        try await resources.store.database.read { database in
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

extension VariationPage {
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
