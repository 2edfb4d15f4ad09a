import Testing

@testable import Bucketing

struct BucketingTests {
    @Test("The layout follows from the version alone: above 11 anchored")
    func layoutOfVersion() {
        #expect(BucketingLayout(experienceVersion: nil) == .packed)
        #expect(BucketingLayout(experienceVersion: 11) == .packed)
        #expect(BucketingLayout(experienceVersion: 11.5) == .anchored)
        #expect(BucketingLayout(experienceVersion: 12) == .anchored)
        #expect(BucketingLayout(experienceVersion: .nan) == .packed)
    }

    @Test("Only running arms, and those without a status, take visitors")
    func statuses() {
        #expect(BucketingArm.isRunning(status: nil))
        #expect(BucketingArm.isRunning(status: ""))
        #expect(BucketingArm.isRunning(status: "running"))
        #expect(!BucketingArm.isRunning(status: "stopped"))
        #expect(!BucketingArm.isRunning(status: "Running"))
    }

    @Test("Settings of zero are the standard ones; without the experience id all experiences share one value")
    func settings() {
        #expect(Bucketing(seed: 0, maximumTraffic: 0) == Bucketing())
        let shared = Bucketing(excludesExperienceID: true)
        #expect(
            shared.value(visitorID: "v", experienceID: "1") == shared.value(visitorID: "v", experienceID: "2"))
        #expect(
            Bucketing().value(visitorID: "v", experienceID: "1")
                != Bucketing().value(visitorID: "v", experienceID: "2"))
        #expect(
            shared.value(visitorID: "v", experienceID: "1") == Bucketing().value(visitorID: "v", experienceID: ""))
    }

    @Test("Array indexes come first and by number, other keys as they were put in")
    func order() {
        let ids = ["b", "10", "9", "01", "4294967294", "4294967295", "4294967296", "a", "0", "-1", "1.5"]
        let sorted = ArmOrder.sorted(ids.map { BucketingArm(id: $0, allocationPercent: 1) }).map(\.id)
        #expect(
            sorted == ["0", "9", "10", "4294967294", "b", "01", "4294967295", "4294967296", "a", "-1", "1.5"])
    }

    @Test("An id given twice stands in its first place with its last allocation")
    func twice() {
        let arms = [("x", 10.0), ("y", 10), ("x", 30)].map { BucketingArm(id: $0.0, allocationPercent: $0.1) }
        let bucketing = Bucketing()
        #expect(bucketing.choose(value: 2_999, arms: arms, layout: .packed)?.id == "x")
        #expect(bucketing.choose(value: 3_000, arms: arms, layout: .packed)?.id == "y")
        #expect(bucketing.choose(value: 4_000, arms: arms, layout: .packed) == nil)
    }

    @Test("Odd input chooses nobody rather than anybody")
    func oddInput() {
        let bucketing = Bucketing()
        let odd = [
            BucketingArm(id: "", allocationPercent: 100), BucketingArm(id: "n", allocationPercent: -5),
            BucketingArm(id: "z", allocationPercent: 0),
        ]
        for layout in [BucketingLayout.packed, .anchored] {
            #expect(bucketing.choose(value: 0, arms: odd, layout: layout) == nil)
            #expect(bucketing.choose(value: 0, arms: [], layout: layout) == nil)
            #expect(
                bucketing.choose(value: .nan, arms: [.init(id: "a", allocationPercent: 100)], layout: layout) == nil)
        }
        #expect(
            bucketing.choose(value: 5, arms: [.init(id: "a", allocationPercent: .nan)], layout: .packed)?.id == "a")
    }
}
