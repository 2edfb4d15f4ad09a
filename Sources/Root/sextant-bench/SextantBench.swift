import ArgumentParser

/// Measures the engine alone, for `make bench` to set the server's figures beside. Each command prints one JSON object.
@main
struct SextantBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sextant-bench", abstract: "The engine and the contracts without the server, as a yardstick.",
        subcommands: [AppendRows.self, CopyRows.self, CountRows.self, SeedRows.self, ValidateBody.self])
}
