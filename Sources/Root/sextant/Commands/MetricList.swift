import ArgumentParser
import JSON
import Telemetry

/// `sextant metrics`: what `/metrics` may serve.
struct MetricList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "List the metrics that the server may serve, with what they mean.")

    @Flag(help: "Print JSON instead of text.")
    var json = false

    func run() throws {
        let metrics = MetricCatalogue.all.sorted { $0.name < $1.name }
        if json {
            let list = metrics.map { metric in
                JSONValue.object(
                    JSONObject([
                        ("name", .string(metric.name)), ("type", .string(metric.kind.rawValue)),
                        ("labels", .array(metric.labels.map { .string($0) })), ("meaning", .string(metric.meaning)),
                    ]))
            }
            print(JSONValue.array(list).encodedString)
            return
        }
        for metric in metrics {
            let labels = metric.labels.isEmpty ? "" : " {\(metric.labels.joined(separator: ", "))}"
            print("\(metric.name)\(labels)\n    \(metric.kind.rawValue): \(metric.meaning).")
        }
    }
}
