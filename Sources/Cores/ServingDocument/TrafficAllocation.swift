import JSON
import ProjectDocuments

/// How much of all visitors each variation of an experience gets.
///
/// `traffic_allocation` is in percent of everybody, as the SDKs multiply it by 100 to get bucket values of 10,000. The
/// management interface has two numbers instead: the percent of visitors that enter the experience, and the variation's
/// percent of these. The product is what SDKs need: a total of 30 with halves gives 15 and 15, and 70 see nothing.
enum TrafficAllocation {
    /// Steps per percent: the finest that the management contract allows.
    private static let steps = 10_000.0

    /// The allocation of each variation of an experience, by the variation's id.
    static func all(
        of experience: ExperienceDocument, _ variations: [VariationDocument]
    ) -> [Int64: JSONValue] {
        let total = experience.trafficDistribution ?? 100
        // From version 12 on an arm's place follows from the shares of all: one that is stopped keeps its own, and its
        // status alone says that it takes nobody.
        let isAnchored = experience.isAnchored
        let running = variations.filter(\.isRunning)
        // Without the shares of all that run they are equal, as the management interface has it.
        let isSplit = running.allSatisfy { $0.trafficDistribution != nil }
        let equal = 100 / Double(max(running.count, 1))
        var allocations: [Int64: JSONValue] = [:]
        for variation in variations {
            guard let id = variation.id else { continue }
            let isGiven = isSplit || !variation.isRunning
            let share = isGiven ? variation.trafficDistribution ?? 0 : equal
            // SDKs take either sign for stopped, no traffic or the status; here both say so.
            allocations[id] = variation.isRunning || isAnchored ? percent(share, of: total) : 0
        }
        return allocations
    }

    /// A percentage of a percentage, without the errors of binary fractions in between.
    static func percent(_ share: Double, of total: Double) -> JSONValue {
        func count(_ percent: Double) -> Int64 { Int64((min(max(percent, 0), 100) * steps).rounded()) }
        let product = count(share) * count(total)
        let unit = Int64(100 * steps * steps)
        return product.isMultiple(of: unit) ? .integer(product / unit) : .double(Double(product) / Double(unit))
    }
}
