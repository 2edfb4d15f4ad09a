import ExperimentsTestSupport
import JSON
import Testing

@testable import Resources

@Suite struct ResourceKeyTests {
    @Test(arguments: [
        ("Add to cart!", "add-to-cart"), ("  Ünïcode  Näme ", "ünïcode-näme"), ("🎉", "goal"),
        ("a" + String(repeating: "b", count: 60), "a" + String(repeating: "b", count: 31)),
    ])
    func keysComeFromNames(name: String, key: String) {
        #expect(ResourceKey.base(from: name, fallback: "goal") == key)
    }

    @Test func manyEqualNamesGetKeysOfTheirOwn() async throws {
        let rig = try ExperimentsRig()
        var keys: Set<String> = []
        for _ in 0..<70 {
            let goal = try await rig.service().add(
                .goals, JSONObject([("name", "Buy"), ("type", "code_trigger")]), rig.scope())
            keys.insert(goal["key"]?.string ?? "")
        }
        #expect(keys.count == 70 && keys.isSuperset(of: ["buy", "buy-2", "buy-70"]))
        // A gap is used again sooner or later, never a key that is taken.
        try await rig.service().delete(.goals, 5, rig.scope())
        let goal = try await rig.service().add(
            .goals, JSONObject([("name", "Buy"), ("type", "code_trigger")]), rig.scope())
        #expect(goal["key"]?.string == "buy-71" || goal["key"]?.string == "buy-5")
        #expect(!ResourceKey.isUsable(".") && !ResourceKey.isUsable(".."))
    }
}
