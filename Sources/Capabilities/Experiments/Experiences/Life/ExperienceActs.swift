package import ControlStore
import Identity
package import JSON
import ProjectDocuments
package import Resources

/// What automation does to experiences, within the caller's transaction. The change history tells the cause, which the scope's
/// author brings.
package struct ExperienceActs {
    let resources: ResourceService
    package let scope: ResourceScope

    package var projectID: Int64 { scope.project.id }

    package init(resources: ResourceService, scope: ResourceScope) {
        self.resources = resources
        self.scope = scope
    }

    /// Steps of 0.0001 percent: the contract's finest.
    private static let stepsPerPercent = 10_000.0

    /// What is decided of an experience depends on how it is at the moment.
    package struct State: Sendable, Equatable {
        /// Another one whenever anything of the experience was changed.
        package let concurrencyKey: JSONValue
        /// Its winner has all new visitors.
        package let isConcluded: Bool
        /// Unix seconds; nil before the first start.
        package let startedAt: Int64?
    }

    package func state(of id: Int64, in database: Database) throws -> State {
        let resource = try resources.find(.experience, .id(id), scope, in: database)
        return State(
            concurrencyKey: ExperienceParts.concurrencyKey(of: resource), isConcluded: resource.experience.isConcluded,
            startedAt: resource.experience.startTime)
    }

    /// Stops variations; their part of the new visitors goes to those that run on, in their proportions.
    package func stop(_ variationIDs: Set<Int64>, of id: Int64, in database: Database) throws {
        try change(id, in: database) { variations in
            let running = variations.filter(\.document.isRunning)
            let whole = running.compactMap(\.traffic).reduce(0, +)
            let rest = running.filter { !variationIDs.contains($0.id) }.compactMap(\.traffic).reduce(0, +)
            for index in variations.indices where variations[index].document.isRunning {
                if variationIDs.contains(variations[index].id) {
                    variations[index].document.stop()
                } else if rest > 0, let traffic = variations[index].traffic {
                    variations[index].document.trafficDistribution = Self.rounded(traffic / rest * whole)
                }
            }
            Self.giveRest(of: whole, to: &variations)
        }
    }

    /// Gives all new visitors to the winner. The experience goes on, and nothing more is decided in it.
    package func keep(_ winnerID: Int64, of id: Int64, in database: Database) throws {
        try change(id, concludes: true, in: database) { variations in
            let whole = variations.filter(\.document.isRunning).compactMap(\.traffic).reduce(0, +)
            for index in variations.indices where variations[index].document.isRunning {
                let share = variations[index].id == winnerID ? Self.rounded(whole) : 0
                variations[index].document.trafficDistribution = share
            }
        }
    }

    /// Shares new visitors out anew between the variations that run.
    /// - Parameter shares: parts of what those together have, by variation.
    package func share(_ shares: [Int64: Double], of id: Int64, in database: Database) throws {
        try change(id, in: database) { variations in
            let running = variations.indices.filter {
                shares[variations[$0].id] != nil && variations[$0].document.isRunning
            }
            let whole = running.compactMap { variations[$0].traffic }.reduce(0, +)
            for index in running {
                let share = (shares[variations[index].id] ?? 0) * whole
                variations[index].document.trafficDistribution = Self.rounded(share)
            }
            Self.giveRest(of: whole, among: running, to: &variations)
        }
    }

    /// Ends the experience.
    package func complete(_ id: Int64, in database: Database) throws {
        let completed = ExperienceStatus.completed.rawValue
        try resources.change(.experiences, id, JSONObject([("status", .string(completed))]), scope, in: database)
    }

    private func change(
        _ id: Int64, concludes: Bool = false, in database: Database, _ body: (inout [Variation]) -> Void
    ) throws {
        var experience = try Experience(id, scope, resources, from: database)
        var variations = try Variation.fetch(of: id, from: database)
        body(&variations)
        for (position, variation) in variations.enumerated() { try variation.save(position: position, in: database) }
        if concludes { experience.document.isConcluded = true }
        try experience.finishVariations(in: database)
        try experience.saveDocument(in: database)
        try experience.touch(in: database)
    }

    /// What rounding has left over goes to the largest.
    private static func giveRest(of whole: Double, among indices: [Int]? = nil, to variations: inout [Variation]) {
        let running = (indices ?? Array(variations.indices)).filter { variations[$0].document.isRunning }
        let rest = whole - running.compactMap { variations[$0].traffic }.reduce(0, +)
        guard rest > 0, let largest = running.max(by: { variations[$0].traffic ?? 0 < variations[$1].traffic ?? 0 })
        else {
            return
        }
        variations[largest].document.trafficDistribution = rounded((variations[largest].traffic ?? 0) + rest)
    }

    /// Downwards, so that together they are never more than there is.
    private static func rounded(_ percent: Double) -> Double {
        (percent * stepsPerPercent + 1e-6).rounded(.down) / stepsPerPercent
    }
}
