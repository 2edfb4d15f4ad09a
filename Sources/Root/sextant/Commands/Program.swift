import ArgumentParser
import Dispatch
import Foundation

/// Where the program begins.
@main
enum Program {
    /// A process for a query gives up its rights before it has a second thread: some can only be taken from the thread
    /// that asks. Everything else is asynchronous, which takes threads.
    static func main() {
        if CommandLine.arguments.dropFirst().first == QueryProcess.name {
            QueryProcess.main(Array(CommandLine.arguments.dropFirst(2)))
        } else {
            Task {
                await run()
                exit(EXIT_SUCCESS)
            }
            dispatchMain()
        }
    }

    private static func run() async {
        do {
            var command = try Sextant.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.end(with: error)
        }
    }
}
