import CoreMetrics
import Telemetry
import Testing

struct PrometheusRegistryTests {
    @Test func writesCountersGaugesAndHistograms() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "requests_total", dimensions: [("operation", "a\"b\\c")]).increment(by: 3)
        registry.makeCounter(label: "requests_total", dimensions: [("operation", "a\"b\\c")]).increment(by: 2)
        registry.makeRecorder(label: "queue_bytes", dimensions: [], aggregate: false).record(7.5)
        let timer = registry.makeTimer(label: "seconds", dimensions: [("x", "y")])
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(90_000_000_000)

        let text = registry.exposition()
        #expect(text.contains("# TYPE requests_total counter\nrequests_total{operation=\"a\\\"b\\\\c\"} 5\n"))
        #expect(text.contains("# TYPE queue_bytes gauge\nqueue_bytes 7.5\n"))
        #expect(text.contains("seconds_bucket{x=\"y\",le=\"0.001\"} 0\n"))
        #expect(text.contains("seconds_bucket{x=\"y\",le=\"0.0025\"} 1\n"))
        #expect(text.contains("seconds_bucket{x=\"y\",le=\"60.0\"} 1\n"))
        #expect(text.contains("seconds_bucket{x=\"y\",le=\"+Inf\"} 2\n"))
        #expect(text.contains("seconds_count{x=\"y\"} 2\n"))
    }

    @Test func countsFromManyTasksAreAllThere() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 { registry.makeCounter(label: "c", dimensions: []).increment(by: 1) }
                }
            }
        }
        #expect(registry.exposition().contains("c 8000\n"))
    }

    @Test func describesWhatItServes() {
        let registry = PrometheusRegistry(describing: [
            MetricDescription(.counter, "never_total", "What has not happened"),
            MetricDescription(.counter, "labelled_total", "What has labels", labels: ["kind"]),
            MetricDescription(.histogram, "seconds", "How \\ long\nit took", bounds: [1, 10]),
            MetricDescription(.gauge, "depth", "What waits"),
        ])
        registry.read { [MetricReading("depth", 3), MetricReading("other", 1.5, labels: [("name", "a\r\nb")])] }
        // Told apart by scalars: a carriage return and a line feed are one character.
        #expect(
            registry.exposition() == """
                # HELP depth What waits.
                # TYPE depth gauge
                depth 3.0
                # HELP never_total What has not happened.
                # TYPE never_total counter
                never_total 0
                # TYPE other gauge
                other{name="a\r\\nb"} 1.5

                """)

        let timer = registry.makeTimer(label: "seconds", dimensions: [])
        #expect(!registry.exposition().contains("seconds"), "nothing has happened")
        timer.recordNanoseconds(2_000_000_000)
        #expect(
            registry.exposition().contains(
                """
                # HELP seconds How \\\\ long\\nit took.
                # TYPE seconds histogram
                seconds_bucket{le="1.0"} 0
                seconds_bucket{le="10.0"} 1
                seconds_bucket{le="+Inf"} 1
                seconds_sum 2.0
                seconds_count 1

                """))
    }
}
