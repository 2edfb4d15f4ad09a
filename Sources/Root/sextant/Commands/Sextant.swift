import ArgumentParser

/// The command line.
struct Sextant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sextant",
        abstract: "One self-hosted server for product experience: experiments, events, exports.",
        discussion: """
            Ends with 0 when all is done, 1 when the folder, the server or what was asked for says no, 3 when only some is done, \
            64 for what there is not (options, values, settings), 69 when no server answers. Completion for shells: \
            sextant --generate-completion-script bash, zsh or fish.
            """,
        version: Version.text,
        subcommands: [
            Initialize.self, Serve.self, Routes.self, Query.self, Import.self, Export.self, Users.self, Keys.self,
            MetricList.self, Doctor.self, Backup.self, Restore.self,
        ])
}
