import JSON
import Testing

@testable import Contract

@Suite struct ServedDocumentTests {
    private static let names = ["userpilot", "sextant", "gainsight-px", "convert-serving", "convert"]

    @Test(arguments: names)
    func documentsNameTheServerThatServesThem(name: String) throws {
        let contract = try ContractDocument.load(name)
        let served = try ContractDocument(yaml: contract.yaml(at: "https://sextant.example.com/x"), name: name)
        let url = try #require(served.tree["servers"]?[0]?["url"]?.string)
        #expect(url == "https://sextant.example.com/x" + contract.prefix)
        // No other line names a host.
        let text = String(decoding: contract.yaml(at: "http://host"), as: UTF8.self)
        for line in text.split(separator: "\n") where line.contains("servers:") {
            #expect(line.contains("'http://host"), "\(line)")
        }
        #expect(served.operations.map(\.operationId) == contract.operations.map(\.operationId))
    }

    @Test func anOriginStaysOneText() throws {
        let contract = try ContractDocument.load("userpilot")
        let served = try ContractDocument(yaml: contract.yaml(at: "http://a'}]\u{7f}#: &x"), name: "userpilot")
        #expect(served.tree["servers"]?[0]?["url"]?.string == "http://a'}]#:&x")
    }

    /// Documents are for those who use the interfaces; where they come from is nobody's business here.
    @Test(arguments: names)
    func documentsSpeakOfTheInterfaceOnly(name: String) throws {
        let text = String(decoding: try ContractDocument.load(name).yaml, as: UTF8.self).lowercased()
        for word in [
            "x-source", "x-vendor", "x-used-by", "vendor's", "swagger", "github", "prose", "rudder", "airbyte", "tap-",
        ] {
            #expect(!text.contains(word), "\(name): \(word)")
        }
    }
}
