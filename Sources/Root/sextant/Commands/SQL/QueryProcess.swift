import ArgumentParser
import Queries

/// `sextant query-worker`: runs one query for the server that starts it. Nobody else has a use for it, so the command line
/// does not list it.
struct QueryProcess: ParsableCommand {
    static let name = "query-worker"

    static let configuration = CommandConfiguration(commandName: name)

    func run() throws {
        try QueryWorker.run()
    }
}
