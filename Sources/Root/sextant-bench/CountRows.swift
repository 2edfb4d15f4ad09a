import ArgumentParser
import DuckDB
import EventStore

/// A count by name over an environment's events, by the engine on its own file.
struct CountRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Count an environment's events by name, a few times; tells the median.")

    @Argument(help: "Database file, not in use by a server.")
    var path: String

    @Option(help: "Environment.") var environment: Int64 = 1
    @Option(help: "How often.") var times = 9

    func run() throws {
        let connection = try EventFile.open(path)
        let statement = """
            SELECT event_name, count(*) FROM \(EventTable.name) WHERE environment_id = \(environment) GROUP BY event_name
            """
        var seconds: [Double] = []
        for _ in 0..<max(times, 1) {
            let started = ContinuousClock.now
            _ = try connection.query(statement).map { chunk, row in try chunk.int64(1, row) ?? 0 }
            seconds.append(started.duration(to: .now) / .seconds(1))
        }
        print(#"{"seconds": \#(seconds.sorted()[seconds.count / 2])}"#)
    }
}
