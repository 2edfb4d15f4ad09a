import Testing

@testable import Experiments

@Suite struct ResourceKeyTests {
    @Test(arguments: [
        ("Add to cart!", "add-to-cart"), ("  Ünïcode  Näme ", "ünïcode-näme"), ("🎉", "goal"),
        ("a" + String(repeating: "b", count: 60), "a" + String(repeating: "b", count: 31)),
    ])
    func keysComeFromNames(name: String, key: String) {
        #expect(ResourceKey.base(from: name, fallback: "goal") == key)
    }
}
