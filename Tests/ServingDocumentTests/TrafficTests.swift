import JSON
import ServingDocument
import Testing

@Suite struct TrafficTests {
    private func allocations(
        _ total: JSONValue, _ shares: [JSONValue], stopped: Set<Int> = [], version: JSONValue = 11
    ) throws -> [JSONValue] {
        let variations = shares.enumerated().map { index, share in
            Shop.variation(Int64(index + 1), share: share, status: stopped.contains(index) ? "stopped" : "running")
        }
        let experience = Shop.experience(
            1, "a/b_fullstack",
            ["traffic_distribution": total, "variations": .array(variations), "version": version])
        let served = try ServedProject(Shop.fullstack, experiences: [experience]).experience()
        return served["variations"]?.array?.compactMap { $0["traffic_allocation"] } ?? []
    }

    @Test func sharesAreSharesOfThoseWhoEnter() throws {
        #expect(try allocations(100, [50, 50]) == [50, 50])
        #expect(try allocations(100, [10, 45, 45]) == [10, 45, 45])
        #expect(try allocations(30, [50, 50]) == [15, 15])
        #expect(try allocations(0, [50, 50]) == [0, 0])
        #expect(try allocations(.null, [40, 20]) == [40, 20])
    }

    @Test func productsAreExact() throws {
        #expect(try allocations(100, [33.3334, 33.3333, 33.3333]) == [33.3334, 33.3333, 33.3333])
        #expect(try allocations(30, [33.3334, 33.3333]) == [10.00002, 9.99999])
        #expect(try allocations(0.1, [70, 30]) == [0.07, 0.03])
        #expect(try allocations(0.0001, [0.0001]) == [1e-10])
    }

    @Test func stoppedVariationsGetNothingAndOthersKeepTheirs() throws {
        #expect(try allocations(100, [50, 30, 20], stopped: [1]) == [50, 0, 20])
        #expect(try allocations(100, [50, .null, 50], stopped: [1]) == [50, 0, 50])
    }

    @Test func anchoredOnesKeepTheirsWhenStopped() throws {
        #expect(try allocations(100, [10, 80, 10], stopped: [1], version: 12) == [10, 80, 10])
        #expect(try allocations(50, [10, 80, 10], stopped: [1], version: 12.5) == [5, 40, 5])
        #expect(try allocations(100, [.null, 30, .null], stopped: [1], version: 12) == [50, 30, 50])
        #expect(try allocations(100, [10, .null, 10], stopped: [1], version: 12) == [10, 0, 10])
    }

    @Test func withoutAllSharesTheyAreEqual() throws {
        #expect(try allocations(50, [10, .null]) == [25, 25])
        #expect(try allocations(100, [.null, .null, 20], stopped: [2]) == [50, 50, 0])
    }

    @Test func numbersOutOfRangeAreCutToIt() throws {
        #expect(try allocations(1e300, [-5, 1e300]) == [0, 100])
    }

    @Test func variationsGoByIdWhateverTheirOrder() throws {
        let variations: JSONValue = [
            Shop.variation(12, share: 20), Shop.variation(3, share: 80), Shop.variation(3, share: 1), 4,
        ]
        let experience = Shop.experience(1, "a/b_fullstack", ["variations": variations])
        let served = try ServedProject(Shop.fullstack, experiences: [experience]).experience()
        #expect(served["variations"]?.array?.map { $0["id"] } == ["3", "12"])
        #expect(served["variations"]?.array?.map { $0["traffic_allocation"] } == [80, 20])
    }
}
