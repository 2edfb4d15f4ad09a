import Foundation
import GRDB
import Identity
import JSON

/// What must hold of all variations together.
extension Experience {
    /// Hundredths of a percent's hundredths: the contract's finest step.
    private static let stepsPerPercent = 10_000.0

    mutating func finishVariations(in database: Database) throws {
        var variations = try Variation.fetch(of: id, from: database)
        try checkBaseline(&variations)
        if type == .deploy, variations.count != 1 {
            throw ExperimentsError.invalid("variations", "variations: an experience of type deploy has exactly one.")
        }
        try distributeTraffic(&variations)
        for (position, variation) in variations.enumerated() { try variation.save(position: position, in: database) }
        let running = variations.count { $0.document["status"] != "stopped" }
        let needed = type.hasBaseline ? 2 : 1
        if status == .active, running < needed {
            throw ExperimentsError.invalid(
                "variations", "variations: an active experience of type \(type.rawValue) needs \(needed) that run.")
        }
        try storeFeatures(in: database)
    }

    private func checkBaseline(_ variations: inout [Variation]) throws {
        let baselines = variations.indices.filter { variations[$0].isBaseline }
        if let second = baselines.dropFirst().first {
            throw ExperimentsError.invalid(
                "variations[\(second)].is_baseline",
                "variations[\(second)].is_baseline: an experience has exactly one baseline.")
        }
        if type.hasBaseline, baselines.isEmpty, !variations.isEmpty { variations[0].document["is_baseline"] = true }
    }

    /// Shares that are all given stay; otherwise all that run get the same.
    private func distributeTraffic(_ variations: inout [Variation]) throws {
        let running = variations.indices.filter { variations[$0].document["status"] != "stopped" }
        let shares = running.compactMap { variations[$0].traffic }
        if shares.count == running.count {
            let sum = shares.reduce(0, +)
            guard sum <= 100 + 0.5 / Self.stepsPerPercent else {
                throw ExperimentsError.invalid(
                    "variations[\(running.last ?? 0)].traffic_distribution",
                    "variations: the traffic_distribution of all that run is \(sum) percent; 100 are the most.")
            }
            return
        }
        let steps = Int((100 * Self.stepsPerPercent).rounded())
        for (number, index) in running.enumerated() {
            // The first ones get what does not divide.
            let share = steps / running.count + (number < steps % running.count ? 1 : 0)
            variations[index].document["traffic_distribution"] = .double(Double(share) / Self.stepsPerPercent)
        }
    }

    /// The experience uses the features that its variations set.
    private func storeFeatures(in database: Database) throws {
        guard type.projectType == .fullstack else { return }
        let changes = try VariationChange.fetch(of: [id], from: database)
        var features: [Int64] = []
        for change in changes {
            if let feature = change.data["feature_id"]?.int64, !features.contains(feature) { features.append(feature) }
        }
        try service.storeReferences(of: id, ExperienceParts.featuresField, features, in: database)
    }
}
