import ArgumentParser

/// Measures the engine alone, for `make bench` to set the server's figures beside: each of these commands prints one JSON
/// object. Tries the statistics alone, too.
@main
struct SextantBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sextant-bench", abstract: "The engine, the contracts and the statistics without the server.",
        subcommands: [
            AppendRows.self, CopyRows.self, CountRows.self, SeedRows.self, SeedExperiment.self, Simulate.self,
            Compute.self,
            ValidateBody.self, MeasureLists.self,
        ])
}
