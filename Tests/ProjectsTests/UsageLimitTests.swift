import JSON
import Testing

@testable import Projects

/// What a sub-account may use, against what its parent may.
@Suite struct UsageLimitTests {
    private func isTaken(_ own: JSONValue, within parent: JSONValue?) -> Bool {
        (try? UsageLimits.check(["domains": ["limitValue": own]], within: parent)) != nil
    }

    @Test func noneExceedsTheParents() {
        let parent: JSONValue = ["domains": ["limitValue": 10], "goals": ["limitValue": 1]]
        #expect(isTaken(10, within: parent) && isTaken(0, within: parent))
        #expect(!isTaken(11, within: parent))
        #expect(!isTaken("unlimited", within: parent))
    }

    @Test func withoutAnyAllAreTakenButNegativeOnes() {
        for parent in [nil, ["domains": ["limitValue": "unlimited"]], ["goals": ["limitValue": 1]]] as [JSONValue?] {
            #expect(isTaken("unlimited", within: parent) && isTaken(1_000_000, within: parent))
            #expect(!isTaken(-1, within: parent))
        }
    }
}
