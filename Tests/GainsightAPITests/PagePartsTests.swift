import JSON
import Testing

@testable import GainsightAPI

@Suite struct PagePartsTests {
    @Test func addressesAreTakenApart() {
        let parts = PageParts("HTTPS://x.example/p?a=1&b=x%20y&a=2&c&=d&e=f=g#top?no")
        #expect(parts.scheme == "https" && parts.query == "a=1&b=x%20y&a=2&c&=d&e=f=g" && parts.fragment == "top?no")
        #expect(
            parts.parameters == ["a": ["1", "2"], "b": ["x y"], "c": [""], "": ["d"], "e": ["f=g"]])
    }

    @Test(arguments: ["", "/p", "x.example"]) func whatIsMissingIsEmpty(_ address: String) {
        let parts = PageParts(address)
        #expect(parts.scheme == "" && parts.query == "" && parts.fragment == "" && parts.parameters == [:])
    }
}
