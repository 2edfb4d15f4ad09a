import ArgumentParser
import Foundation
import JSON

/// `sextant doctor`: looks at all that a server needs, and changes nothing.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at all that the server needs, and say what is wrong.",
        discussion: """
            The settings are read as sextant serve reads them. Nothing is changed but for a file that is written into the data \
            folder and removed again; the bucket is asked for its list, the mail server for its greeting. It ends with 1 when \
            something is wrong, and with 0 when there is at most something to think about.
            """)

    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Flag(help: "Print JSON, one object a finding.")
    var json = false

    func run() async throws {
        let settings = try Settings(dataDirectory: dataDirectory)
        var isWrong = false
        for finding in await Examination(settings: settings).findings() {
            if finding.grade == .wrong { isWrong = true }
            print(json ? finding.json.encodedString : finding.line)
        }
        if isWrong { throw CommandError("Something is wrong: see above.") }
    }
}

/// What was found of one thing that the server needs.
struct Finding: Sendable {
    enum Grade: String {
        case good = "ok"
        /// The server runs, and something of it will not work, or not for long.
        case doubtful = "look"
        case wrong
    }

    let subject: String
    let grade: Grade
    let text: String

    var line: String {
        "\(grade.rawValue)".padding(toLength: 7, withPad: " ", startingAt: 0)
            + subject.padding(toLength: 14, withPad: " ", startingAt: 0) + text
    }

    var json: JSONValue {
        .object(
            JSONObject([
                ("subject", .string(subject)), ("grade", .string(grade.rawValue)), ("text", .string(text)),
            ]))
    }
}
