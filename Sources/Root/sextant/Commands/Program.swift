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
                await Sextant.main()
                exit(EXIT_SUCCESS)
            }
            dispatchMain()
        }
    }
}
