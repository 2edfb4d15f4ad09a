import ControlStore
import JSON
import Resources
import Text

/// What answers hold of variations: ids, or the variations with the ids of their changes, or all of it.
struct VariationsView {
    private let isExpanded: Bool
    private let showsChanges: Bool
    private let expandsChanges: Bool

    init(_ view: ResourceView) {
        let changes = "variations.changes"
        isExpanded = view.expand.contains("variations")
        expandsChanges = view.expand.contains(changes)
        showsChanges = expandsChanges || view.include.contains(changes)
    }

    /// Everything of every variation.
    static let whole = VariationsView(isExpanded: true, showsChanges: true, expandsChanges: true)

    private init(isExpanded: Bool, showsChanges: Bool, expandsChanges: Bool) {
        self.isExpanded = isExpanded
        self.showsChanges = showsChanges
        self.expandsChanges = expandsChanges
    }

    /// By the experience's id, in order.
    func show(_ experienceIDs: [Int64], from database: Database) throws -> [Int64: [JSONValue]] {
        let variations = try Variation.fetch(of: experienceIDs, from: database)
        var changes: [Int64: [VariationChange.Owner: [VariationChange]]] = [:]
        if isExpanded || showsChanges {
            for change in try VariationChange.fetch(of: experienceIDs, from: database) {
                changes[change.experienceID, default: [:]][change.owner, default: []].append(change)
            }
        }
        var shown: [Int64: [JSONValue]] = [:]
        for variation in variations {
            let changes = changes[variation.experienceID] ?? [:]
            shown[variation.experienceID, default: []].append(show(variation, changes))
        }
        return shown
    }

    private func show(_ variation: Variation, _ changes: [VariationChange.Owner: [VariationChange]]) -> JSONValue {
        guard isExpanded || showsChanges else { return .integer(variation.id) }
        var shown = isExpanded ? variation.shown : JSONObject([("id", .integer(variation.id))])
        if isExpanded { shown["concurrency_key"] = variation.concurrencyKey(changes[.variation(variation.id)] ?? []) }
        if showsChanges {
            // A combination does what the versions in it do.
            let owners = [.variation(variation.id)] + variation.versions.map(VariationChange.Owner.init(combined:))
            let all = owners.flatMap { changes[$0] ?? [] }
            shown["changes"] = .array(all.map { expandsChanges ? $0.shown : .integer($0.id) })
        }
        return .object(shown)
    }
}

extension VariationChange.Owner {
    /// Reads `section:version`, as combinations name their versions.
    init(combined: String) {
        let parts = combined.split(byte: ":", maxSplits: 1)
        self = .version(section: ClientText(parts.first ?? ""), version: ClientText(parts.last ?? ""))
    }
}
