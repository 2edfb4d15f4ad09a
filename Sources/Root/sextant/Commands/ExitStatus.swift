import ArgumentParser
import Foundation
import Text

/// How a command ended, for scripts.
enum ExitStatus: Int32 {
    case done = 0
    /// It was understood, and cannot be: the folder, the server or what was asked for says why.
    case refused = 1
    /// Some of it is done, or goes on without this command; what is missing is told.
    case incomplete = 3
    /// Options, values or settings that there are not (`EX_USAGE` of sysexits).
    case badUse = 64
    /// No server answers, or it cannot at present (`EX_UNAVAILABLE`).
    case unreachable = 69

    /// Ends the process with what an error says, on standard error.
    static func end(with error: any Error) -> Never {
        switch error {
        case let error as any StatusError: end(error.exitStatus, "\(error)")
        // Found while a command ran: the parser would show the usage of the whole program.
        case let error as ValidationError: end(.badUse, error.message)
        default: Sextant.exit(withError: error)
        }
    }

    private static func end(_ status: ExitStatus, _ message: String) -> Never {
        FileHandle.standardError.write(Data("Error: \(VisibleText.lines(of: message))\n".utf8))
        Foundation.exit(status.rawValue)
    }

    /// What an error ends the process with.
    static func of(_ error: any Error) -> Int32 {
        (error as? any StatusError)?.exitStatus.rawValue ?? Sextant.exitCode(for: error).rawValue
    }
}

/// An error that knows how a command ends with it. What else there is ends as the parser of the command line has it.
protocol StatusError: Error {
    var exitStatus: ExitStatus { get }
}

/// Why a command does not do what it was asked to.
struct CommandError: StatusError, CustomStringConvertible {
    let exitStatus: ExitStatus
    let description: String

    init(_ description: String, _ exitStatus: ExitStatus = .refused) {
        self.description = description
        self.exitStatus = exitStatus
    }
}
