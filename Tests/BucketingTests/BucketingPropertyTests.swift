import Testing

@testable import Bucketing

/// What must hold for any visitors, not only for those of the vectors.
struct BucketingPropertyTests {
    private static let visitors = 40_000

    private static func arms(_ shares: [Double]) -> [BucketingArm] {
        shares.enumerated().map { BucketingArm(id: "\($0.offset)", allocationPercent: $0.element) }
    }

    private static func choices(_ arms: [BucketingArm], _ layout: BucketingLayout) -> [String?] {
        let plan = BucketingPlan(arms: arms, layout: layout)
        let bucketing = Bucketing()
        return (0..<visitors).map { number in
            plan.arm(for: bucketing.value(visitorID: "person-\(number)", experienceID: "100299456"))?.id
        }
    }

    @Test(
        "Each arm gets its share within five standard deviations of the binomial distribution",
        arguments: [[50.0, 50], [10, 45, 45], [15, 15], [33.3333, 33.3333, 33.3334], [1, 2, 3, 4, 90]],
        [BucketingLayout.packed, .anchored])
    func shares(shares: [Double], layout: BucketingLayout) {
        let choices = Self.choices(Self.arms(shares), layout)
        for (number, share) in shares.enumerated() {
            let count = Double(choices.count { $0 == "\(number)" })
            let probability = share / 100
            let deviation = (Double(Self.visitors) * probability * (1 - probability)).squareRoot()
            #expect(abs(count - Double(Self.visitors) * probability) < 5 * deviation, "\(shares)[\(number)]: \(count)")
        }
    }

    @Test("Values are whole, within bounds, and the same each time")
    func values() {
        let bucketing = Bucketing()
        for number in 0..<5_000 {
            let value = bucketing.value(visitorID: "person-\(number)", experienceID: "7")
            #expect(value == value.rounded() && (0..<10_000).contains(value))
            #expect(value == bucketing.value(visitorID: "person-\(number)", experienceID: "7"))
        }
    }

    @Test("Raising traffic in the anchored layout moves nobody who had an arm")
    func growth() {
        var before = Self.choices(Self.arms([1, 2, 3]), .anchored)
        for factor in [2.0, 5, 10, 16] {
            let after = Self.choices(Self.arms([factor, 2 * factor, 3 * factor]), .anchored)
            #expect(zip(before, after).allSatisfy { $0 == nil || $0 == $1 })
            #expect(after.count { $0 != nil } > before.count { $0 != nil })
            before = after
        }
    }

    @Test("The packed layout does move visitors when traffic is raised, which is what the anchored one is for")
    func packedMoves() {
        let before = Self.choices(Self.arms([5, 5, 5]), .packed)
        let after = Self.choices(Self.arms([10, 10, 10]), .packed)
        #expect(zip(before, after).contains { $0 != nil && $0 != $1 })
    }

    @Test(
        "With a stopped arm between them the others keep their places: visitors of the vendor's own vectors",
        arguments: [
            ("anchor-gate-visitor-106", "O"), ("anchor-gate-visitor-162", "V2"), ("anchor-gate-visitor-17", nil),
        ])
    func stoppedArmBetween(visitorID: String, armID: String?) {
        let arms = [
            BucketingArm(id: "O", allocationPercent: 10),
            BucketingArm(id: "V1", allocationPercent: 80, isRunning: false),
            BucketingArm(id: "V2", allocationPercent: 10),
        ]
        let value = Bucketing().value(visitorID: visitorID, experienceID: "900000001")
        #expect(Bucketing().choose(value: value, arms: arms, layout: .anchored)?.id == armID)
    }

    @Test("Stopping an arm of the anchored layout leaves the visitors of the others where they are")
    func stopping() {
        let running = Self.arms([30, 30, 40])
        var stopped = running
        stopped[1] = BucketingArm(id: "1", allocationPercent: 30, isRunning: false)
        let before = Self.choices(running, .anchored)
        let after = Self.choices(stopped, .anchored)
        for (first, second) in zip(before, after) { #expect(first == "1" ? second == nil : second == first) }
    }

    @Test("Two experiences split independently of each other")
    func independence() {
        let plan = BucketingPlan(arms: Self.arms([50, 50]), layout: .packed)
        let bucketing = Bucketing()
        let both = (0..<Self.visitors).count { number in
            ["1", "2"].allSatisfy { experience in
                plan.arm(for: bucketing.value(visitorID: "person-\(number)", experienceID: experience))?.id == "0"
            }
        }
        let deviation = (Double(Self.visitors) * 0.25 * 0.75).squareRoot()
        #expect(abs(Double(both) - Double(Self.visitors) * 0.25) < 5 * deviation)
    }
}
