import Foundation
import Identity
import JSON
import Resources
import Text

/// What must hold for experiences, as far as the experience itself shows it.
enum ExperienceRules {
    static let type: ResourceDescription.Rule = { draft in
        guard let type = draft.document["type"]?.string.flatMap(ExperienceType.init) else {
            throw ExperimentsError.invalid("type", "type is required.")
        }
        if let old = draft.old?["type"]?.string, old != type.rawValue {
            throw ExperimentsError.invalid("type", "type cannot be changed from \(old); make another experience.")
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
        let isAnchored = Self.isAnchored(draft.document)
        if let old = draft.old, old["started"]?.bool == true, Self.isAnchored(old) != isAnchored {
            throw ExperimentsError.invalid(
                "version",
                "version must stay \(isAnchored ? "below" : "at least") 12: the experience was started, and its visitors "
                    + "would change variations. Clone it.")
        }
        if !isAnchored { draft.document["version"] = standardVersion }
    }

    private static let standardVersion: JSONValue = 11
    private static let versions: ClosedRange<Int64> = 1...12

    /// Whether each variation has a place of its own, which another one that is stopped does not move.
    static func isAnchored(_ document: JSONObject) -> Bool { (document["version"]?.double ?? 0) > 11 }

    /// Whether new visitors are shared out by results.
    static func reallocates(_ document: JSONObject) -> Bool {
        document["settings"]?["stats_engine_processing"]?["mab_settings"]?.object != nil
    }

    static let status: ResourceDescription.Rule = { try ExperienceStatus.move(&$0) }

    /// Settings are merged member by member, so that what is not sent stays.
    static let settings: ResourceDescription.Rule = { draft in
        guard let old = draft.old?["settings"], let new = draft.document["settings"] else { return }
        draft.document["settings"] = old.merged(with: new, kinds: ["detection_type", "stats_type"])
    }

    /// Where visitors see it, and a browser that takes its picture: no address that runs code or reads files.
    static let url: ResourceDescription.Rule = { draft in
        guard draft.projectType == .web, let url = draft.document["url"]?.string,
            !(draft.old?["url"]?.string).hasSameBytes(as: url)
        else { return }
        let start = url.lowercased()
        guard start.hasBytePrefix("http://") || start.hasBytePrefix("https://") else {
            throw ExperimentsError.invalid("url", "url must begin with http:// or https://.")
        }
    }

    static let runningTimes: ResourceDescription.Rule = { draft in
        let settings = draft.document["settings"]
        guard let minimum = settings?["min_running_time"]?.int64, let maximum = settings?["max_running_time"]?.int64,
            maximum > 0, minimum > maximum
        else { return }
        throw ExperimentsError.invalid(
            "settings.min_running_time", "settings.min_running_time must not exceed settings.max_running_time.")
    }

    static let pages: ResourceDescription.Rule = { draft in
        let pages = draft.document["multipage_pages"]?.array ?? []
        guard draft.document["type"] == .string(ExperienceType.multipage.rawValue) else {
            guard pages.isEmpty else {
                throw ExperimentsError.invalid("multipage_pages", "multipage_pages are for the type multipage only.")
            }
            draft.document["multipage_pages"] = nil
            return
        }
        guard !pages.isEmpty else {
            throw ExperimentsError.invalid("multipage_pages", "multipage_pages must hold at least one page.")
        }
        var ids: Set<ClientText> = []
        for (index, page) in pages.enumerated() {
            let field = "multipage_pages[\(index)]"
            guard let id = page["id"]?.string, ids.insert(ClientText(id)).inserted else {
                throw ExperimentsError.invalid(
                    "\(field).id", "\(field).id must be given, one or two characters, and be another for each page.")
            }
            guard let url = page["url"]?.string, !url.isEmpty else {
                throw ExperimentsError.invalid("\(field).url", "\(field).url is required.")
            }
        }
    }
}
