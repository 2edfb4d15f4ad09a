import Contract
import Foundation
import JSON
import Testing

@testable import Reference

@Suite struct ReferenceTests {
    private static let names = ["userpilot", "sextant", "gainsight-px", "convert-serving", "convert"]

    private static func interfaces() throws -> [ReferenceInterface] {
        try names.map { ReferenceInterface(contract: try ContractDocument.load($0)) }
    }

    private func text(_ page: ReferencePage?) throws -> String {
        String(decoding: try #require(page).bytes, as: UTF8.self)
    }

    private static let hostile = """
        openapi: 3.0.3
        info: {title: '<b>Things</b>', version: 1.0.0, description: "A 'quoted' & <i>marked</i> text"}
        servers: [{url: /api}]
        paths:
          /things/{thing_id}:
            put:
              operationId: putThing
              tags: ['Small <things>']
              summary: '<script>alert(1)</script>'
              parameters: [{name: thing_id, in: path, required: true, schema: {type: integer}}]
              requestBody:
                content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
              responses: {'200': {description: Done, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
        components:
          schemas:
            Thing:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 3, maxLength: 5, description: '<img src=x>'}
                within: {$ref: '#/components/schemas/Thing'}
                count: {type: integer, minimum: 7, readOnly: true}
        """

    private func hostileReference(unserved: Set<String> = []) throws -> Reference {
        let contract = try ContractDocument(yaml: Array(Self.hostile.utf8), name: "things")
        return Reference {
            [ReferenceInterface(contract: contract, unserved: unserved, callers: ["putThing": ["environment-key"]])]
        }
    }

    @Test func everythingIsEscaped() throws {
        let reference = try hostileReference()
        for path in ["/docs", "/docs/things", "/docs/things/small--things-"] {
            let html = try text(reference.page(at: path))
            for mark in ["<script>", "<b>Things", "<i>", "<img", "<things>"] {
                #expect(!html.contains(mark), "\(path) \(mark)")
            }
            #expect(html.contains("&lt;b&gt;Things&lt;/b&gt;"))
        }
    }

    @Test func anOperationShowsWhatItTakesAndWhoMayCallIt() throws {
        let html = try text(hostileReference().page(at: "/docs/things/small--things-"))
        #expect(html.contains("id=\"putThing\""))
        #expect(html.contains("3 to 5 characters"))
        #expect(html.contains("keys of an environment that may read"))
        #expect(html.contains("Authorization: Token <span class=\"key\">KEY</span>"))
        // The schema leads back to itself: it is shown once, and linked.
        #expect(html.components(separatedBy: "id=\"schema-Thing\"").count == 2)
        #expect(html.contains("href=\"#schema-Thing\""))
        #expect(!html.contains("not served"))
        #expect(try text(hostileReference(unserved: ["putThing"]).page(at: "/docs/things")).contains("not served"))
    }

    @Test func otherAddressesHaveNoPage() throws {
        let reference = try hostileReference()
        for path in [
            "/docs/other", "/docs/things/other", "/docs/things/schemas/x", "/docs/../secret", "/docs/reference.py",
        ] {
            #expect(reference.page(at: path) == nil, "\(path)")
        }
        #expect(reference.page(at: "/docs/reference.js")?.mediaType == "text/javascript; charset=utf-8")
    }

    @Test(arguments: names)
    func examplesAreWhatTheContractTakes(name: String) throws {
        let contract = try ContractDocument.load(name)
        let tree = DocumentTree(contract)
        for operation in contract.operations {
            let request = RequestExample(operation, Callers(names: []), tree: tree, contract: contract)
            if case .json(let value) = request.body {
                let schema = try #require(operation.requestBody?.content["application/json"]?.schema)
                let document = try JSONDocument(parsing: value.encoded())
                let found = schema.validate(document.root)
                #expect(found.isEmpty, "\(operation.operationId): \(found) in \(value)")
            }
            for (status, answer) in operation.responses where status.hasPrefix("2") {
                for (type, media) in answer.content where type.hasSuffix("json") {
                    let described = tree.operation(operation.operationId)?.operation["responses"]?[status]
                    let place = tree.resolve(described ?? .null)["content"]?[type] ?? .null
                    let maker = ExampleMaker(tree: tree, contract: contract, direction: .response)
                    let value =
                        RequestExample.example(place, media, tree) ?? maker.body(place["schema"] ?? .null, media.schema)
                    let document = try JSONDocument(parsing: value.encoded())
                    let found = media.schema?.validate(document.root, as: .response) ?? []
                    #expect(found.isEmpty, "\(operation.operationId) \(status): \(found) in \(value)")
                }
            }
        }
    }

    @Test func everySchemaIsShownOnceAndEveryLinkLeadsSomewhere() throws {
        let interfaces = try Self.interfaces()
        let reference = Reference { interfaces }
        for interface in interfaces.map(InterfaceReference.init) {
            let pages = ["", "/schemas"] + interface.groups.map { "/\($0.slug)" }
            var anchors: [String: Set<String>] = [:]
            var links: [(page: String, target: String)] = []
            var shown: [String: Int] = [:]
            for page in pages {
                let address = interface.address + page
                guard let made = reference.page(at: address) else { continue }
                let html = String(decoding: made.bytes, as: UTF8.self)
                anchors[address] = Set(html.matches(of: /id="([^"]*)"/).map { String($0.1) })
                for match in html.matches(of: /id="schema-([^"]*)"/) { shown[String(match.1), default: 0] += 1 }
                for match in html.matches(of: /href="([^"]*)"/) { links.append((address, String(match.1))) }
            }
            for (name, _) in interface.tree.schemas { #expect(shown[name] == 1, "\(interface.name) \(name)") }
            for (page, target) in links where target.hasPrefix("#") || target.hasPrefix(interface.address + "/") {
                let parts = target.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
                let place = parts[0].isEmpty ? page : parts[0]
                #expect(anchors[place] != nil, "\(page): \(target)")
                if parts.count > 1 { #expect(anchors[place]?.contains(parts[1]) == true, "\(page): \(target)") }
            }
        }
    }

    @Test func searchFindsOperationsAndFields() throws {
        let interfaces = try Self.interfaces()
        let page = try #require(Reference { interfaces }.page(at: "/docs/search.json"))
        let entries = try #require(try JSONValue(parsing: page.bytes).array)
        #expect(entries.count > 900)
        #expect(entries.contains { $0[0] == "POST" && $0[2] == "/v1/track" })
        #expect(entries.contains { $0[0] == "schema" && ($0[4]?.string ?? "").contains("traffic_distribution") })
    }
}
