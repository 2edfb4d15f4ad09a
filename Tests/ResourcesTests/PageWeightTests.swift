import ControlStore
import ExperimentsTestSupport
import JSON
import TestSupport
import Testing

@testable import Resources

/// Lists of resources that are large each.
@Suite struct PageWeightTests {
    @Test func aPageHasALimitAndOneResourceHasNone() throws {
        let document = String(repeating: "x", count: PageWeight.maximumBytes / 4)
        var page = PageWeight(count: 5)
        for _ in 0..<4 { try page.add(document) }
        #expect(throws: PageTooLarge.self) { try page.add("x") }
        var one = PageWeight(count: 1)
        for _ in 0..<6 { try one.add(document) }
    }

    @Test func largeResourcesAreListedFewAtATime() async throws {
        let rig = try ExperimentsRig()
        for name in ["a", "b", "c"] { _ = try await rig.add(.goals, ["name": .string(name), "type": "code_trigger"]) }
        let bytes = PageWeight.maximumBytes * 2 / 5
        try await rig.store.write {
            try $0.execute(
                sql: """
                    UPDATE resources SET document = json_set(document, '$.description', hex(zeroblob(?)))
                    WHERE kind = 'goal'
                    """, arguments: [bytes / 2])
        }
        let view = ResourceView(
            .goals, of: rig.service().descriptions, project: rig.scope().project, include: [], expand: [])
        let two = try await rig.store.read { try view.show([1, 2], from: $0) }
        #expect(two.count == 2)
        await #expect(throws: ExperimentsError.self) {
            try await rig.store.read { try view.show([1, 2, 3], from: $0) }
        }
    }
}
