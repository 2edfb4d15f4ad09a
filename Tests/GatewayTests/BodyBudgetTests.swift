import HTTPTypes
import InternetAddress
import Testing

@testable import Gateway

@Suite struct BodyBudgetTests {
    private let budget = BodyBudget(totalBytes: 16_000_000)

    private func address(_ text: String) -> IPAddress? { IPAddress(text) }

    private func status(_ body: () throws(APIError) -> Void) -> Int {
        do throws(APIError) {
            try body()
            return 200
        } catch {
            return error.status.code
        }
    }

    private func lease(_ address: String, key: String? = nil) -> BodyLease {
        let address = IPAddress(address)
        return BodyLease(budget, key: key) { address }
    }

    @Test func strangersOfOneAddressGetLittleAndLeaveTheRest() {
        let first = lease("192.0.2.1")
        #expect(status { () throws(APIError) in try first.grow(to: 900_000) } == 200)
        let second = lease("192.0.2.1")
        #expect(status { () throws(APIError) in try second.grow(to: 200_000) } == 429)
        let neighbour = lease("192.0.2.2")
        #expect(status { () throws(APIError) in try neighbour.grow(to: 900_000) } == 200)
        let known = lease("192.0.2.1", key: "7")
        #expect(status { () throws(APIError) in try known.grow(to: 5_000_000) } == 200)
        _ = (first, second, neighbour, known)
    }

    @Test func strangersTogetherGetAQuarter() {
        var leases: [BodyLease] = []
        var refused = 0
        for host in 1...20 {
            let lease = lease("198.51.100.\(host)")
            if status({ () throws(APIError) in try lease.grow(to: 1_000_000) }) == 429 { refused += 1 }
            leases.append(lease)
        }
        #expect(refused == 16 && budget.heldBytes == 4_000_000)
        leases = []
        #expect(budget.heldBytes == 0)
    }

    @Test func aKeyGetsThreeQuartersFromHoweverManyAddresses() {
        var leases: [BodyLease] = []
        for host in 1...15 {
            let lease = lease("198.51.100.\(host)", key: "7")
            leases.append(lease)
            #expect(status { () throws(APIError) in try lease.grow(to: 1_000_000) } == (host <= 12 ? 200 : 429))
        }
        let other = lease("198.51.100.1", key: "8")
        #expect(status { () throws(APIError) in try other.grow(to: 1_000_000) } == 200)
        _ = (leases, other)
    }

    @Test func customersOfANetworkShareIt() {
        let first = lease("2001:db8:1:1::1")
        #expect(status { () throws(APIError) in try first.grow(to: 900_000) } == 200)
        let second = lease("2001:db8:1:1::2")
        #expect(status { () throws(APIError) in try second.grow(to: 900_000) } == 429)
        let elsewhere = lease("2001:db8:1:2::2")
        #expect(status { () throws(APIError) in try elsewhere.grow(to: 900_000) } == 200)
        _ = (first, second, elsewhere)
    }

    @Test func whatCanNeverFitIsTooLarge() {
        #expect(status { () throws(APIError) in try lease("192.0.2.1").grow(to: 1_000_001) } == 413)
        #expect(status { () throws(APIError) in try lease("192.0.2.1", key: "7").grow(to: 12_000_001) } == 413)
        #expect(budget.heldBytes == 0)
    }

    @Test func littleIsNotCountedAndStepsAreTakenBack() {
        let lease = lease("192.0.2.1", key: "7")
        #expect(status { () throws(APIError) in try lease.grow(to: 30_000) } == 200)
        #expect(budget.heldBytes == 0)
        #expect(status { () throws(APIError) in try lease.grow(to: 40_000) } == 200)
        #expect(budget.heldBytes == 64 * 1_024)
        #expect(status { () throws(APIError) in try lease.grow(to: 1_000) } == 200)
        #expect(budget.heldBytes == 64 * 1_024)
    }

    @Test func aProvedSignatureMovesWhatIsHeldToTheKey() {
        let signed = lease("192.0.2.1")
        #expect(status { () throws(APIError) in try signed.grow(to: 900_000) } == 200)
        #expect(status { () throws(APIError) in try signed.charge(to: "7") } == 200)
        let stranger = lease("192.0.2.1")
        #expect(status { () throws(APIError) in try stranger.grow(to: 900_000) } == 200)
        #expect(status { () throws(APIError) in try signed.grow(to: 5_000_000) } == 200)
        #expect(budget.heldBytes == 5_900_000)
        _ = (signed, stranger)
    }
}
