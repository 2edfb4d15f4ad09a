import Contract
import HTTPTypes
import JSON
import Testing

@Suite struct DocumentTests {
    static let names = ["convert", "convert-serving", "gainsight-px", "userpilot", "sextant"]

    static let documents: [String: Result<ContractDocument, ContractError>] = Dictionary(
        uniqueKeysWithValues: names.map { name in
            (name, Result { () throws(ContractError) in try ContractDocument.load(name) })
        })

    static func document(_ name: String) throws -> ContractDocument {
        guard let document = documents[name] else { throw ContractError.noSuchDocument(name) }
        return try document.get()
    }

    @Test(arguments: [
        ("convert", "/api/v2", 164, "POST /api/v2/auth"),
        ("convert-serving", "/api/v1", 9, "GET /api/v1/config/{account_id}/{project_id}"),
        ("gainsight-px", "/v1", 55, "GET /v1/users"), ("userpilot", "", 27, "POST /api/v1/analytics/exports"),
    ])
    func everyDocumentLoads(name: String, prefix: String, count: Int, first: String) throws {
        let document = try Self.document(name)
        #expect(document.prefix == prefix)
        #expect(document.operations.count == count)
        #expect(document.operations.first.map { "\($0.method.rawValue) \($0.path)" } == first)
        #expect(document.operations.allSatisfy { !$0.operationId.isEmpty && !$0.responses.isEmpty })
        #expect(Set(document.operations.map(\.operationId)).count == count)
        #expect(!document.title.isEmpty)
        #expect(!document.version.isEmpty)
        #expect(document.yaml.starts(with: Array("openapi: 3.0.3".utf8)))
    }

    @Test(arguments: names) func noReferenceDangles(name: String) throws {
        let document = try Self.document(name)
        var references = 0
        func walk(_ value: JSONValue) {
            for element in value.array ?? [] { walk(element) }
            for member in value.object?.members ?? [] {
                if member.key == "$ref", let reference = member.value.string {
                    references += 1
                    #expect(target(of: reference, in: document.tree) != nil, "\(reference)")
                }
                walk(member.value)
            }
        }
        walk(document.tree)
        #expect(references > 20)
    }

    private func target(of reference: String, in tree: JSONValue) -> JSONValue? {
        var value: JSONValue? = tree
        for part in reference.dropFirst(2).split(separator: "/") {
            let key = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            guard let current = value else { return nil }
            value = current[key] ?? Int(key).flatMap { current[$0] }
        }
        return value
    }

    @Test func allDocumentsShareOneTable() throws {
        let others = try ["convert", "convert-serving", "gainsight-px", "sextant"].map(Self.document)
        // Both vendors answer GET /v1/users; one of the two has to stand back.
        #expect(
            throws: ContractError.routeConflict(
                method: "GET", path: "/v1/users", first: "gainsight-px.listUsers", second: "userpilot.probeUsers")
        ) { try RouteTable(others + [try Self.document("userpilot")]) }
        let table = try RouteTable(others + [try Self.userpilotWithoutProbe()])
        #expect(table.operations.count == 254 + (try Self.document("sextant").operations.count))
        for operation in table.operations {
            for path in [operation.path] + operation.aliasPaths {
                let concrete = path.split(separator: "/", omittingEmptySubsequences: false)
                    .map { $0.hasPrefix("{") ? ($0.contains("key") ? "key" : "7") : String($0) }.joined(separator: "/")
                for form in [
                    concrete.hasSuffix("/") ? String(concrete.dropLast()) : concrete,
                    concrete + (concrete.hasSuffix("/") ? "" : "/"),
                ] {
                    guard case .matched(let found, let parameters) = table.match(operation.method, form) else {
                        Issue.record("\(operation.method) \(form) leads nowhere")
                        continue
                    }
                    #expect(found.document == operation.document && found.operationId == operation.operationId)
                    #expect(parameters.count == found.path.split(separator: "/").count { $0.hasPrefix("{") })
                }
            }
        }
    }

    private static func userpilotWithoutProbe() throws -> ContractDocument {
        try ContractDocument.load("userpilot", mount: Mount(omitted: ["probeUsers"]))
    }

    @Test func servingIsAlsoMountedForTracking() throws {
        let original = try Self.document("convert-serving")
        let tracking = original.operations.filter { $0.path.hasPrefix("/api/v1/track/") }.map(\.operationId)
        let mount = Mount(aliases: [.init(prefix: "/v1", operationIds: Set(tracking))])
        let document = try ContractDocument.load("convert-serving", mount: mount)
        let others = try ["convert", "gainsight-px"].map(Self.document) + [Self.userpilotWithoutProbe()]
        let table = try RouteTable([document] + others)
        guard case .matched(let operation, let parameters) = table.match(.post, "/v1/track/10022898/") else {
            Issue.record("no match")
            return
        }
        #expect(tracking.contains(operation.operationId))
        #expect(parameters.map(\.value) == ["10022898"])
        guard case .notFound = table.match(.get, "/v1/config/10022898") else {
            Issue.record("only tracking was to be mounted there")
            return
        }
    }

    @Test func securityIsAsDocumented() throws {
        let userpilot = try Self.document("userpilot")
        #expect(userpilot.operation("triggerExport")?.security == .schemes([["tokenAuth"]]))
        let convert = try Self.document("convert")
        #expect(convert.operation("doAuth")?.security == SecurityRequirement.none)
        #expect(
            userpilot.operations.contains { $0.security == SecurityRequirement.none }
                || userpilot.operations.allSatisfy {
                    $0.security == .schemes([["tokenAuth"]])
                })
    }

    @Test func unknownAndBrokenDocuments() {
        func error(_ yaml: String) -> ContractError? {
            do throws(ContractError) {
                _ = try ContractDocument(yaml: Array(yaml.utf8), name: "t")
                return nil
            } catch {
                return error
            }
        }
        #expect(throws: ContractError.noSuchDocument("nothing")) { try ContractDocument.load("nothing") }
        #expect(throws: ContractError.self) { try ContractDocument.load("../Documents/convert") }
        #expect(error("") != nil)
        #expect(error("a: [") != nil)
        #expect(error("swagger: '2.0'") == .invalid(pointer: "#/openapi", reason: "must be 3.0.x or 3.1.x"))
        let head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n"
        #expect(
            error(head + "  /a: {get: {responses: {}}}")
                == .invalid(pointer: "#/paths/~1a/get", reason: "an operation needs an operationId"))
        #expect(error(head + "  /a: {get: {operationId: x}, put: {operationId: x}}") == .duplicateOperation("x"))
        #expect(error(head + "  /a/{b}: {get: {operationId: x}}") != nil)
        #expect(
            error(head + "  /a: {get: {operationId: x, parameters: [{$ref: '#/components/parameters/No'}]}}") != nil)
    }

    @Test func yamlScalarsFollowTheCoreSchema() throws {
        let yaml =
            "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\nx: {no: no, date: 2024-05-02, big: 0x10, "
            + "empty: , tilde: ~, quoted: '1', t: true, n: -1.5e3, v: 1.2.3}\n"
        let tree = try ContractDocument(yaml: Array(yaml.utf8), name: "t").tree
        #expect(
            tree["x"] == [
                "no": "no", "date": "2024-05-02", "big": "0x10", "empty": nil, "tilde": nil, "quoted": "1", "t": true,
                "n": .double(-1500), "v": "1.2.3",
            ])
    }
}
