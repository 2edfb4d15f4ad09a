import EventStore
import JSON
import Testing
import Time

@testable import Reports

@Suite struct ReportDataOrderTests {
    @Test func ordersOutliveTheProcess() throws {
        var selection = ExperimentEventSelection(
            projectID: 1, experienceID: 2, receivedBy: Timestamp(microseconds: 1_234_567),
            parts: [
                .init(.viewExperience), .init(.conversion, goalIDs: []),
                .init(.transaction, goalIDs: [4, 5], leastRevenue: -1.5, mostRevenue: 1e12),
            ])
        selection.start = Timestamp(seconds: 5)
        selection.segments.devices = ["a'b"]
        selection.segments.customSegments = [7]
        let order = ReportDataOrder(selection)
        #expect(ReportDataOrder(payload: try JSONValue(parsing: order.json.encoded())) == order)
    }

    /// Whoever cannot tell what is to go removes nothing.
    @Test(arguments: ["project", "experience", "received_by", "start", "end", "parts", "segments"])
    func damagedOrdersAreNone(_ member: String) {
        var payload = ReportDataOrder(
            ExperimentEventSelection(projectID: 1, experienceID: 2, receivedBy: .latest)
        ).json
        #expect(ReportDataOrder(payload: payload) != nil)
        payload[member] = nil
        #expect(ReportDataOrder(payload: payload) == nil)
        payload["parts"] = [["kind": "page_view"]]
        #expect(ReportDataOrder(payload: payload) == nil)
    }
}
