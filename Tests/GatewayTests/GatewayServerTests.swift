import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import Gateway

/// The gateway behind a real socket.
@Suite struct GatewayServerTests {
    private let things = ThingsSurface()

    private func post(_ client: any TestClientProtocol, _ count: Int) async throws -> TestResponse {
        let body = #"{"name": "\#(String(repeating: "x", count: count - 12))"}"#
        return try await client.execute(
            uri: "/api/things", method: .post, headers: .key("application/json"), body: ByteBuffer(string: body)
        ) { $0 }
    }

    @Test func requestsAreAnsweredInTheClear() async throws {
        try await things.application().test(.live) { client in
            #expect(try await post(client, 1_000).status == .created)
            let head = try await client.execute(uri: "/api/things", method: .head, headers: .key) { $0 }
            #expect(head.status == .ok)
            let response = try await post(client, 1_001)
            #expect(response.status == .contentTooLarge)
            #expect(response.headers[.connection] == "close")
        }
    }

    /// The client speaks HTTP/2 wherever it is offered, where a `Connection` field would spoil the whole answer.
    @Test func refusalsArriveOverTLSToo() async throws {
        let certificate = try TestCertificate()
        try await things.application(tls: certificate.tls).test(.ahc(.https)) { client in
            for _ in 0..<2 {
                #expect(try await post(client, 1_000).status == .created)
                let response = try await post(client, 1_001)
                #expect(response.status == .contentTooLarge)
                #expect(response.headers[.connection] == nil)
                #expect(try response.json["oops"]?.string?.contains("1000") == true)
            }
            let head = try await client.execute(uri: "/api/things", method: .head, headers: .key) { $0 }
            #expect(head.status == .ok)
        }
    }

    @Test func aMissingCertificateIsAnError() {
        let error = #expect(throws: TLSFileError.self) {
            try ListenAddress.TLS(certificatePath: "/nowhere/chain.pem", keyPath: "/nowhere/key.pem")
        }
        #expect(error.map { "\($0)".contains("/nowhere/chain.pem") } == true)
    }
}
