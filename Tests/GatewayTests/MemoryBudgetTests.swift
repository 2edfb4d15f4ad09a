import HTTPTypes
import InternetAddress
import Testing

@testable import Gateway

@Suite struct MemoryBudgetTests {
    private let budget = MemoryBudget(totalBytes: 16_000_000)

    private func address(_ text: String) -> IPAddress? { IPAddress(text) }

    private func status(_ body: () throws(APIError) -> Void) -> Int {
        do throws(APIError) {
            try body()
            return 200
        } catch {
            return error.status.code
        }
    }

    private func lease(_ address: String, key: String? = nil) -> MemoryLease {
        let address = IPAddress(address)
        return MemoryLease(budget, key: key) { address }
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
        var leases: [MemoryLease] = []
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
        var leases: [MemoryLease] = []
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

    @Test func answersAreHeldWithinTheSameShares() {
        let first = lease("192.0.2.1")
        #expect(first.hold(600_000, beyondShare: false) && first.hold(300_000, beyondShare: false))
        #expect(first.isScarce && first.bytes == 900_000)
        let second = lease("192.0.2.1")
        #expect(!second.hold(200_000, beyondShare: false) && second.bytes == 0)
        // What was done is told.
        #expect(second.hold(200_000, beyondShare: true))
        let elsewhere = lease("192.0.2.2")
        #expect(elsewhere.hold(400_000, beyondShare: false) && !elsewhere.isScarce)
        let known = lease("192.0.2.1", key: "7")
        #expect(known.hold(2_000_000, beyondShare: false) && !known.isScarce)
        #expect(!known.hold(16_000_000, beyondShare: true))
        _ = (first, second, elsewhere, known)
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
