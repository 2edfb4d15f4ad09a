import ControlStore
import Foundation
import Identity
import JSON
import ProjectDocuments
import Resources
import Text

/// What must hold of all variations together.
extension Experience {
    /// Steps of 0.0001 percent: the contract's finest.
    private static let stepsPerPercent = 10_000.0

    mutating func finishVariations(in database: Database) throws {
        var variations = try Variation.fetch(of: id, from: database)
        try checkBaseline(&variations)
        if type == .deploy, variations.count != 1 {
            throw ExperimentsError.invalid("variations", "variations: an experience of type deploy has exactly one.")
        }
        guard !variations.isEmpty else {
            throw ExperimentsError.invalid("variations", "variations must hold at least one.")
        }
        try distributeTraffic(&variations)
        for (position, variation) in variations.enumerated() { try variation.save(position: position, in: database) }
        let running = variations.count { $0.document.isRunning }
        let needed = type.hasBaseline ? 2 : 1
        if status == .active || status == .scheduled, running < needed {
            throw ExperimentsError.invalid(
                "variations",
                "variations: an experience of type \(type.rawValue) that is \(status.rawValue) needs \(needed) that run."
            )
        }
        try checkSizeOfChanges(in: database)
        try checkCodeOfPages(in: database)
        try storeFeatures(in: database)
        try recordVariations(in: database)
    }

    /// A variation has one code for each page.
    private func checkCodeOfPages(in database: Database) throws {
        guard type == .multipage else { return }
        var seen: Set<ClientText> = []
        for change in try VariationChange.fetch(of: [id], from: database) {
            guard change.type == .defaultCodeMultipage, let variation = change.variationID,
                let page = change.data.pageID, !seen.insert(ClientText("\(variation) \(page)")).inserted
            else { continue }
            throw ExperimentsError.invalid(
                "data.page_id", "data.page_id: the variation has a defaultCodeMultipage for the page \(page) already.")
        }
    }

    /// Tells the change history what has become of the variations.
    private func recordVariations(in database: Database) throws {
        let before = journal.variations
        let after = try Self.historical(id, type, from: database)
        for (variation, old) in before.sorted(by: { $0.key < $1.key }) where after[variation] == nil {
            try record("delete", "variation", id: variation, old: old, new: nil, in: database)
        }
        for (variation, new) in after.sorted(by: { $0.key < $1.key }) {
            guard let old = before[variation] else {
                try record("create", "variation", id: variation, old: nil, new: new, in: database)
                continue
            }
            guard let difference = ChangeLog.difference(old, new) else { continue }
            try record("update", "variation", id: variation, old: difference.old, new: difference.new, in: database)
        }
        journal.variations = after
    }

    private func checkBaseline(_ variations: inout [Variation]) throws {
        let baselines = variations.indices.filter { variations[$0].isBaseline }
        if let second = baselines.dropFirst().first {
            throw ExperimentsError.invalid(
                "variations[\(second)].is_baseline",
                "variations[\(second)].is_baseline: an experience has exactly one baseline.")
        }
        if type.hasBaseline, baselines.isEmpty, !variations.isEmpty { variations[0].document.isBaseline = true }
    }

    /// Shares that are all given stay; otherwise all that run get the same, with version 12 of what those that are stopped
    /// leave.
    private func distributeTraffic(_ variations: inout [Variation]) throws {
        let running = variations.indices.filter { variations[$0].document.isRunning }
        let shares = running.compactMap { variations[$0].traffic }
        if shares.count == running.count {
            let sum = shares.reduce(0, +)
            guard sum <= 100 + 0.5 / Self.stepsPerPercent else {
                throw ExperimentsError.invalid(
                    "variations[\(running.last ?? 0)].traffic_distribution",
                    "variations: the traffic_distribution of all that run is \(Self.percent(sum)); 100 percent are the most."
                )
            }
        } else {
            try shareEqually(&variations, running)
        }
        try checkAnchors(variations)
    }

    private func shareEqually(_ variations: inout [Variation], _ running: [Int]) throws {
        let taken = document.isAnchored ? Self.shareOfStopped(variations) : 0
        let steps = Int(((100 - taken) * Self.stepsPerPercent).rounded())
        guard steps >= running.count else {
            throw ExperimentsError.invalid(
                "variations",
                "variations: with version 12 the stopped ones leave nothing to those without traffic_distribution. "
                    + "Set that of the stopped ones lower.")
        }
        for (number, index) in running.enumerated() {
            // The first ones get what does not divide.
            let share = steps / running.count + (number < steps % running.count ? 1 : 0)
            variations[index].document.trafficDistribution = Double(share) / Self.stepsPerPercent
        }
    }

    private static func shareOfStopped(_ variations: [Variation]) -> Double {
        variations.filter { !$0.document.isRunning }.compactMap(\.traffic).reduce(0, +)
    }

    /// Where each variation has a place of its own, one that is stopped still takes up its share.
    private func checkAnchors(_ variations: [Variation]) throws {
        let sum = variations.compactMap(\.traffic).reduce(0, +)
        guard document.isAnchored, sum > 100 + 0.5 / Self.stepsPerPercent else { return }
        throw ExperimentsError.invalid(
            "variations",
            "variations: with version 12 the traffic_distribution of all, stopped ones too, is \(Self.percent(sum)); "
                + "100 percent are the most. Set that of the stopped ones lower.")
    }

    /// As finely as shares are given.
    private static func percent(_ value: Double) -> String {
        "\((value * stepsPerPercent).rounded() / stepsPerPercent) percent"
    }

    /// The experience uses the features that its variations set.
    private func storeFeatures(in database: Database) throws {
        guard type.projectType == .fullstack else { return }
        let changes = try VariationChange.fetch(of: [id], from: database)
        var features: [Int64] = []
        for change in changes {
            if let feature = change.data.featureID, !features.contains(feature) { features.append(feature) }
        }
        try service.storeReferences(of: id, ExperienceParts.featuresField, features, in: database)
    }
}
