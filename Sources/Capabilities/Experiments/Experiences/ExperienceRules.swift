import Foundation
import Identity
import JSON
import ProjectDocuments
import Resources
import Text

/// What must hold for experiences, as far as the experience itself shows it.
enum ExperienceRules {
    static let type: ResourceDescription.Rule = { draft in
        guard let type = draft.experience.type else {
            throw ExperimentsError.invalid("type", "type is required.")
        }
        if let old = draft.oldExperience.type, old != type {
            throw ExperimentsError.invalid(
                "type", "type cannot be changed from \(old.rawValue); make another experience.")
        }
        guard type.projectType == draft.projectType else {
            throw ExperimentsError.invalid(
                "type", "type \(type.rawValue) belongs to projects of type \(type.projectType.rawValue).")
        }
    }

    /// The way in which variations are laid out over visitors: the vendor's eleventh, or a later one that is asked for.
    static let version: ResourceDescription.Rule = { draft in
        if let version = draft.document["version"], version != draft.old?["version"] {
            guard let number = version.int64, versions.contains(number) else {
                throw ExperimentsError.invalid(
                    "version",
                    "version must be a whole number from \(versions.lowerBound) to \(versions.upperBound): no later layout "
                        + "is known.")
            }
        }
        let isAnchored = draft.experience.isAnchored
        if draft.oldExperience.isStarted, draft.oldExperience.isAnchored != isAnchored {
            throw ExperimentsError.invalid(
                "version",
                "version must stay \(isAnchored ? "below" : "at least") 12: the experience was started, and its visitors "
                    + "would change variations. Clone it.")
        }
        if !isAnchored { draft.document["version"] = standardVersion }
    }

    private static let standardVersion: JSONValue = 11
    private static let versions: ClosedRange<Int64> = 1...12

    static let status: ResourceDescription.Rule = { try ExperienceStatus.move(&$0) }

    /// Settings are merged member by member, so that what is not sent stays.
    static let settings: ResourceDescription.Rule = { draft in
        guard let old = draft.old?["settings"], let new = draft.document["settings"] else { return }
        draft.document["settings"] = old.merged(with: new, kinds: ["detection_type", "stats_type"])
    }

    /// Where visitors see it, and a browser that takes its picture: no address that runs code or reads files.
    static let url: ResourceDescription.Rule = { draft in
        guard draft.projectType == .web, let url = draft.experience.url,
            !draft.oldExperience.url.hasSameBytes(as: url)
        else { return }
        let start = url.lowercased()
        guard start.hasBytePrefix("http://") || start.hasBytePrefix("https://") else {
            throw ExperimentsError.invalid("url", "url must begin with http:// or https://.")
        }
    }

    static let runningTimes: ResourceDescription.Rule = { draft in
        let settings = draft.experience.settings
        guard let minimum = settings.minRunningTime, let maximum = settings.maxRunningTime, maximum > 0,
            minimum > maximum
        else { return }
        throw ExperimentsError.invalid(
            "settings.min_running_time", "settings.min_running_time must not exceed settings.max_running_time.")
    }

    static let pages: ResourceDescription.Rule = { draft in
        let pages = draft.experience.pages
        guard draft.experience.type == .multipage else {
            guard pages.isEmpty else {
                throw ExperimentsError.invalid("multipage_pages", "multipage_pages are for the type multipage only.")
            }
            draft.experience.removePages()
            return
        }
        guard !pages.isEmpty else {
            throw ExperimentsError.invalid("multipage_pages", "multipage_pages must hold at least one page.")
        }
        var ids: Set<ClientText> = []
        for (index, page) in pages.enumerated() {
            let field = "multipage_pages[\(index)]"
            guard let id = page.id, ids.insert(ClientText(id)).inserted else {
                throw ExperimentsError.invalid(
                    "\(field).id", "\(field).id must be given, one or two characters, and be another for each page.")
            }
            guard let url = page.url, !url.isEmpty else {
                throw ExperimentsError.invalid("\(field).url", "\(field).url is required.")
            }
        }
    }
}
