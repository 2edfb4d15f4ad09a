import Foundation
import Text

extension KnownSettings {
    /// What commands that speak to a server read.
    private static let ofClients = ["SEXTANT_URL", "SEXTANT_TOKEN"]

    /// What the tests of this repository tell each other, or the program.
    private static let ofTests = [
        "SEXTANT_STATEMENT_LOG", "SEXTANT_BINARY", "SEXTANT_CRASHES", "SEXTANT_FUZZ_SECONDS", "SEXTANT_FUZZ_SEED",
    ]

    /// - Throws: ``SettingsError`` for a variable that nothing reads: whoever set it believes that it holds.
    static func requireKnown(_ names: [String]) throws(SettingsError) {
        let known = all.map(\.name) + ofClients
        for name in names.sorted() where !known.contains(name) && !ofTests.contains(name) && !isServiceLink(name) {
            throw .invalid("There is no setting \(name)\(hint(for: name, among: known))")
        }
    }

    /// The end of a sentence that names what is like it.
    static func hint(for name: String, among known: [String]) -> String {
        let help = "`sextant serve --help` names them all."
        guard let nearest = known.min(by: { distance($0, name) < distance($1, name) }),
            distance(nearest, name) <= farthest
        else { return ". \(help)" }
        return ": did you mean \(nearest)? \(help)"
    }

    /// Letters that may differ between a name and what was meant.
    private static let farthest = 4

    /// Kubernetes gives its pods variables of all services: those of one called sextant begin as settings do.
    private static func isServiceLink(_ name: String) -> Bool {
        name.hasPrefix("SEXTANT_SERVICE_") || name.hasPrefix("SEXTANT_PORT_")
    }

    private static func distance(_ one: String, _ other: String) -> Int {
        EditDistance.between(one.utf8, other.utf8)
    }
}
