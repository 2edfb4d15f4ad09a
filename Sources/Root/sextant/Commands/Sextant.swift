import ArgumentParser

/// The command line.
struct Sextant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sextant",
        abstract: "One self-hosted server for product experience: experiments, events, exports.",
        version: "0.1.0",
        subcommands: [
            Initialize.self, Serve.self, Routes.self, Query.self, Import.self, Users.self, Keys.self,
            MetricList.self,
        ])
}
