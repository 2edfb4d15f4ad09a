import InternetAddress
import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct ConnectionLimitsTests {
    private let proxies = [IPRange(network: "10.0.0.0/8")].compactMap { $0 }

    private func admit(_ limits: ConnectionLimits, _ address: String?) -> ConnectionLimits.Place? {
        limits.admit(address.flatMap { IPAddress($0) })
    }

    @Test func oneAddressHasItsShare() {
        let limits = ConnectionLimits(total: 100, perAddress: 2, exempt: proxies)
        var places = (0..<4).map { _ in admit(limits, "192.0.2.1") }
        #expect(places.map { $0 != nil } == [true, true, false, false])
        #expect(admit(limits, "192.0.2.2") != nil)
        places[0] = nil
        #expect(admit(limits, "192.0.2.1") != nil)
        let customer = [admit(limits, "2001:db8::1"), admit(limits, "2001:db8::2")]
        #expect(admit(limits, "2001:db8::3") == nil && admit(limits, "2001:db8:0:1::1") != nil)
        _ = (places, customer)
    }

    @Test func proxiesAndStrangePeersCountInTotalOnly() {
        let limits = ConnectionLimits(total: 5, perAddress: 1, exempt: proxies)
        var places = (0..<4).map { admit(limits, $0 < 2 ? "10.1.2.3" : nil) }
        #expect(places.allSatisfy { $0 != nil })
        places.append(admit(limits, "192.0.2.1"))
        #expect(places.last != nil)
        #expect(admit(limits, "10.1.2.3") == nil && admit(limits, "192.0.2.2") == nil)
        places = []
        #expect(admit(limits, "192.0.2.1") != nil)
    }

    @Test func connectionsBeyondItAreClosedAtOnce() async throws {
        var configuration = GatewayConfiguration()
        configuration.sharedNetworks = []
        configuration.maximumConnectionsPerAddress = 2
        let page = { @Sendable in OperationResponse.json([:]) }
        try await PageServer.run(configuration, page: page) { server in
            func status() async throws -> Int {
                try await server.connect { connection in
                    try? await connection.ask()
                    return await connection.status()
                }
            }
            try await server.connect { first in
                try await first.ask()
                #expect(await first.status() == 200)
                try await server.connect { second in
                    try await second.ask()
                    #expect(await second.status() == 200)
                    #expect(try await status() == 0)
                    try await second.ask()
                    #expect(await second.status() == 200)
                }
            }
            while try await status() != 200 { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    /// A client that never shakes hands.
    @Test func aSilentConnectionOverTLSIsCut() async throws {
        let certificate = try TestCertificate()
        var configuration = GatewayConfiguration()
        configuration.headDeadlineSeconds = 1
        let page = { @Sendable in OperationResponse.json([:]) }
        try await PageServer.run(configuration, tls: certificate.tls, page: page) { server in
            try await server.connect { connection in #expect(await connection.countToEnd() == 0) }
        }
    }
}
