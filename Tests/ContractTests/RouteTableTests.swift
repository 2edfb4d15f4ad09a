import Contract
import HTTPTypes
import TestSupport
import Testing

@Suite struct RouteTableTests {
    private static let yaml = """
        openapi: 3.0.3
        info: {title: Routes, version: '1'}
        servers: [{url: 'https://host.example/v1/'}]
        paths:
          /users/update: {put: {operationId: updateUsers, responses: {}}}
          /users/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            get: {operationId: getUser, responses: {}}
            delete: {operationId: deleteUser, responses: {}}
          /users/{user_id}/events/{event}:
            parameters:
              - {name: user_id, in: path, required: true, schema: {type: string}}
              - {name: event, in: path, required: true, schema: {type: string}}
            get: {operationId: getEvent, responses: {}}
          /jobs/:
            x-alias-paths: [/tasks, /old/jobs/]
            get: {operationId: listJobs, responses: {}}
          /v2/things:
            servers: [{url: 'https://host.example'}]
            get: {operationId: listThings, responses: {}}
          /: {get: {operationId: root, responses: {}}}
        """

    private func table(_ mount: Mount = .asDocumented) throws -> RouteTable {
        try RouteTable([try ContractDocument(yaml: Array(Self.yaml.utf8), name: "routes", mount: mount)])
    }

    private func match(_ method: HTTPRequest.Method, _ path: String, in table: RouteTable) -> String {
        switch table.match(method, path) {
        case .matched(let operation, let parameters):
            ([operation.operationId] + parameters.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
        case .wrongMethod(let allowed): "405 " + allowed.map(\.rawValue).sorted().joined(separator: ",")
        case .notFound: "404"
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.put, "/v1/users/update", "updateUsers"), (.get, "/v1/users/update", "405 PUT"),
        (.get, "/v1/users/42", "getUser id=42"), (.get, "/v1/users/42/", "getUser id=42"),
        (.post, "/v1/users/42", "405 DELETE,GET"),
        (.get, "/v1/users/update/events/7", "getEvent user_id=update event=7"),
        (.get, "/v1/users/a/events/b?x=/y", "getEvent user_id=a event=b"), (.get, "/v1/users", "404"),
        (.get, "/v1/users//", "404"), (.get, "/v1/users//events/b", "404"), (.get, "//v1/users/4", "getUser id=4"),
        (.get, "/v1///users//42//", "getUser id=42"), (.get, "//", "404"),
        (.get, "/v1/users//a/events/b", "getEvent user_id=a event=b"),
        (.get, "/v1/users/a%2Fb", "getUser id=a/b"),
        (.get, "/v1/users/bulk%3Ajobs:NX-1%20x", "getUser id=bulk:jobs:NX-1 x"),
        (.get, "/v1/users/bulk:jobs:NX:uuid", "getUser id=bulk:jobs:NX:uuid"),
        (.get, "/v1/users/%C3%A9", "getUser id=é"), (.get, "/v1/users/é", "getUser id=é"),
        (.get, "/v1/users/%", "404"), (.get, "/v1/users/%4", "404"), (.get, "/v1/users/%GG", "404"),
        (.get, "/v1/users/%FF", "404"), (.get, "/v1/users/%C3", "404"), (.get, "/v1/users/%00", "404"),
        (.get, "/v1/users/%2e%2e", "getUser id=.."), (.get, "/v1/users/a+b", "getUser id=a+b"),
        (.put, "/v1/users/%75pdate", "updateUsers"), (.get, "/v1/Users/1", "404"),
        (.get, "/v1/jobs", "listJobs"), (.get, "/v1/jobs/", "listJobs"), (.get, "/v1/tasks", "listJobs"),
        (.get, "/v1/tasks/", "listJobs"), (.get, "/v1/old/jobs", "listJobs"), (.get, "/v1/jobs/x", "404"),
        (.get, "/v2/things", "listThings"), (.get, "/v1/v2/things", "404"), (.get, "/v1", "root"),
        (.get, "/v1/", "root"),
        (.get, "/", "404"), (.get, "", "404"), (.get, "users/1", "404"), (.get, "*", "404"),
        (.get, "/v1/users/1/events", "404"),
    ])
    func matching(method: HTTPRequest.Method, path: String, expected: String) throws {
        #expect(match(method, path, in: try table()) == expected)
    }

    @Test func theMatchCarriesTheTemplate() throws {
        guard case .matched(let operation, _) = try table().match(.get, "/v1/old/jobs/") else {
            Issue.record("no match")
            return
        }
        #expect(operation.path == "/v1/jobs/")
        #expect(operation.aliasPaths == ["/v1/tasks", "/v1/old/jobs/"])
    }

    @Test func mountingElsewhere() throws {
        let mount = Mount(
            prefix: "api/v9/", aliases: [.init(prefix: "/w"), .init(prefix: "/z", operationIds: ["getUser"])])
        let table = try table(mount)
        #expect(match(.get, "/api/v9/users/1", in: table) == "getUser id=1")
        #expect(match(.get, "/w/tasks", in: table) == "listJobs")
        #expect(match(.get, "/z/users/1", in: table) == "getUser id=1")
        #expect(match(.delete, "/z/users/1", in: table) == "405 GET")
        #expect(match(.get, "/v1/users/1", in: table) == "404")
    }

    @Test func conflictsAreRefused() throws {
        func document(_ name: String, _ path: String, _ operationId: String) throws -> ContractDocument {
            let parameter =
                path.contains("{") ? "{name: \(path.contains("{a}") ? "a" : "b"), in: path, required: true}" : ""
            let yaml =
                "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  \(path):\n"
                + "    get: {operationId: \(operationId), parameters: [\(parameter)], responses: {}}\n"
            return try ContractDocument(yaml: Array(yaml.utf8), name: name)
        }
        let first = try document("one", "/x/{a}", "getX")
        #expect(
            throws: ContractError.routeConflict(method: "GET", path: "/x/{b}/", first: "one.getX", second: "two.getX")
        ) {
            try RouteTable([first, try document("two", "/x/{b}/", "getX")])
        }
        #expect(throws: Never.self) { try RouteTable([first, first]) }
        #expect(throws: Never.self) { try RouteTable([first, try document("two", "/x/y", "getX")]) }
        #expect(throws: ContractError.self) { try RouteTable([try document("two", "/x/pre{a}", "getX")]) }
    }

    @Test func anIntegerIsToldFromAKey() throws {
        let yaml = """
            openapi: 3.0.3
            info: {title: T, version: '1'}
            paths:
              /e/{key}:
                parameters: [{name: key, in: path, required: true, schema: {type: string}}]
                get: {operationId: byKey, responses: {}}
              /e/{id}:
                parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
                get: {operationId: byId, responses: {}}
                put: {operationId: update, responses: {}}
            """
        let table = try RouteTable([try ContractDocument(yaml: Array(yaml.utf8), name: "t")])
        #expect(match(.get, "/e/17", in: table) == "byId id=17")
        #expect(match(.get, "/e/-17/", in: table) == "byId id=-17")
        #expect(match(.get, "/e/17a", in: table) == "byKey key=17a")
        #expect(match(.get, "/e/-", in: table) == "byKey key=-")
        #expect(match(.put, "/e/17", in: table) == "update id=17")
        #expect(match(.put, "/e/abc", in: table) == "update id=abc")
        #expect(match(.post, "/e/1", in: table) == "405 GET,PUT")
    }

    @Test func manyRoutesCostNoMoreThanOne() throws {
        let paths = (0..<2000).map {
            "  /r\($0)/{id}/x: {get: {operationId: o\($0), responses: {}, parameters: "
                + "[{name: id, in: path, required: true}]}}"
        }
        let yaml = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n" + paths.joined(separator: "\n")
        let large = try RouteTable([try ContractDocument(yaml: Array(yaml.utf8), name: "large")])
        let small = try table()
        func time(_ table: RouteTable, _ path: String) -> Double {
            processorSeconds { for _ in 0..<3000 { _ = table.match(.get, path) } }
        }
        _ = time(large, "/r1999/5/x")
        #expect(time(large, "/r1999/5/x") < time(small, "/v1/users/a/events/b") * 10)
    }
}
