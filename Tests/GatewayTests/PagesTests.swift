import Contract
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Telemetry
import Testing

@testable import Gateway

@Suite struct PagesTests {
    private func get(_ path: String, unready: String? = nil, failure: String? = nil) async throws -> TestResponse {
        let contract = try ContractDocument(
            yaml: Array(ThingsSurface.yaml.replacing("title: Things", with: "title: '<script>alert(1)</script>'").utf8),
            name: "things")
        let readiness = Readiness()
        readiness.wait(for: "event_store") { unready }
        let pages: [any Page] = [
            StatusPages(registry: PrometheusRegistry(), readiness: readiness) { failure },
            ContractPages(surfaces: [.closed(contract, errors: .sextant)], unserved: []),
        ]
        return try await ThingsSurface().test(pages: pages) { client in
            try await client.execute(uri: path, method: .get) { $0 }
        }
    }

    @Test func healthAndReadiness() async throws {
        #expect(try await get("/health").json == ["status": "ok"])
        #expect(try await get("/ready").status == .ok)
        let unready = try await get("/ready", unready: "the disk is full")
        #expect(unready.status == .serviceUnavailable)
        #expect(try unready.json["reason"] == "the disk is full")
        #expect(
            try unready.json["waiting_for"] == [["name": "event_store", "reason": "the disk is full"]])
        // Alive all the same, until nothing in the process can help.
        #expect(try await get("/health", unready: "the disk is full").status == .ok)
        let failed = try await get("/health", failure: "the engine is lost")
        #expect(failed.status == .serviceUnavailable)
        #expect(try failed.json["reason"] == "the engine is lost")
        #expect(try await get("/metrics").headers[.contentType]?.hasPrefix("text/plain") == true)
    }

    @Test func contractsAreServedAsTheyAre() async throws {
        // Empty segments do not count.
        #expect(try await get("//openapi//things.yaml/").status == .ok)
        let yaml = try await get("/openapi/things.yaml")
        #expect(String(buffer: yaml.body).contains("operationId: createThing"))
        for path in ["/openapi/other.yaml", "/openapi/", "/openapi/../things.yaml"] {
            #expect(try await get(path).status == .notFound, "\(path)")
        }
    }

    @Test func documentationShowsOperationsAndRunsNothingOfOthers() async throws {
        for path in ["/docs", "/docs/", "/docs/things", "/docs/things/other-operations"] {
            let docs = try await get(path)
            let html = String(buffer: docs.body)
            #expect(html.contains("&lt;script&gt;"), "\(path)")
            #expect(!html.contains("<script>"))
            let policy = try #require(docs.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        }
        #expect(String(buffer: try await get("/docs/things").body).contains("#createThing"))
        #expect(try await get("/docs/nothing").status == .notFound)
        #expect(try await get("/").headers[.location] == "/docs")
    }
}
