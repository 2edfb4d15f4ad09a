import HTTPTypes
import HummingbirdTesting
import JSON
import Telemetry
import Testing

@testable import Gateway

@Suite struct EntranceTests {
    @Test func closedUntilTheStoresAreOpen() async throws {
        let things = ThingsSurface()
        let status = StatusPages(registry: PrometheusRegistry(), readiness: Readiness())
        let entrance = Entrance(
            try things.responder(pages: [status]) { .unavailable("Starting.", retryAfterSeconds: 2) })
        try await things.application(entrance).test(.router) { client in
            for path in ["/api/things", "/api/nothing", "/elsewhere"] {
                let closed = try await client.execute(uri: path, method: .get) { $0 }
                #expect(closed.status == .serviceUnavailable)
                #expect(closed.headers[.retryAfter] == "2")
            }
            // In the form of the surface that the address belongs to.
            let closed = try await client.execute(uri: "/api/things", method: .get) { $0 }
            #expect(try closed.json["oops"] == "Starting.")
            #expect(try await client.execute(uri: "/health", method: .get) { $0.status } == .ok)
            #expect(things.calls.isEmpty)

            entrance.pass(to: try things.responder())
            let answer = try await client.execute(
                uri: "/api/things", method: .get, headers: [.authorization: "Token good"]
            ) { $0 }
            #expect(answer.status == .ok)
        }
    }

    @Test func readinessTellsWhatIsWaitedFor() async {
        let readiness = Readiness()
        readiness.wait(for: "a") { "first" }
        readiness.wait(for: "b") { nil }
        readiness.wait(for: "c") { "third" }
        #expect(await readiness.waiting().map(\.name) == ["a", "c"])
        readiness.wait(for: "a") { "half-way" }
        readiness.end("c")
        #expect(await readiness.waiting().map(\.reason) == ["half-way"])
    }
}
