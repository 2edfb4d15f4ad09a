import Foundation
import Sandbox

/// A process ended, or could not be started, before it began with what it was asked for: nothing of that has happened.
struct WorkerNotBegun: Error {
    let reason: String

    init(_ error: ChildProcessError) {
        reason = "\(error)"
    }

    init(_ process: ChildProcess) {
        reason = process.endingReason
    }
}

extension ChildProcess {
    /// Why it went before it had finished.
    var endingReason: String {
        switch ending(waitingMilliseconds: 1_000) {
        case .exited(let code): "its process ended with code \(code)"
        case .signalled(SIGKILL): "its process was killed, most often for want of memory"
        case .signalled(SIGXCPU): "its process had used its time on the processors"
        case .signalled(SIGXFSZ): "its process wrote more than it may"
        case .signalled(let signal): "its process ended with signal \(signal)"
        case nil: "its process closed its connection"
        }
    }
}
