import ArgumentParser
import Identity
import Text

extension Keys {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print its secret, which is not shown again.",
            usage: "sextant key create <kind> [<options>]",
            discussion: """
                userpilot and gainsight are keys of an environment, sdk of a project, convert of an account or of some of \
                its projects.
                """)

        @OptionGroup var place: StorePlace
        @Argument(help: "What it is for.") var kind: Kind
        @Option(help: "Account that it is of.") var account: Int64 = 1
        @Option(help: "Project that it works in; with convert it may be given again. (default of convert: all)")
        var project: [Int64] = []
        @Option(help: "Name of the environment. (default: the project's default one)") var environment: String?
        @Option(help: "What it is called, 1 to 255 characters.") var label = "sextant key"
        @Option(help: "convert: browse, review, edit, publish, admin or account_manager.") var role = "account_manager"
        @Option(help: "convert: requestSigning or secretKey.") var authentication = "requestSigning"
        @Flag(help: "userpilot, gainsight: it sends only, and reads and manages nothing.") var sendOnly = false
        @Flag(help: "sdk: requests must carry a secret besides the key.") var withSecret = false

        func run() async throws {
            let store = try place.open()
            let desk = try await KeyDesk(store, place.masterKey(store))
            guard (1...255).contains(label.count) else { throw ValidationError("--label takes 1 to 255 characters.") }
            guard try await desk.environments.accounts().contains(where: { $0.id == account }) else {
                throw CommandError("There is no account \(account).")
            }
            let made = try await make(desk)
            var members = ["kind": kind.rawValue, "identifier": made.identifier]
            members["secret"] = made.secret
            let secret = made.secret.map { "secret      \($0)" } ?? "It needs no secret."
            try place.show(members, "identifier  \(made.identifier)\n\(secret)")
        }

        private func make(_ desk: KeyDesk) async throws -> (identifier: String, secret: String?) {
            switch kind {
            case .convert:
                return try await desk.create(try newConvertKey(), accountID: account)
            case .userpilot, .gainsight:
                return try await desk.create(
                    kind == .gainsight ? .gainsightKey : .userpilotToken,
                    environmentID: try await chosenEnvironment(desk).environment.id, accountID: account, label: label,
                    allowsExports: !sendOnly)
            case .sdk:
                let chosen = try await chosenEnvironment(desk)
                return try await desk.create(
                    in: chosen.project, environment: chosen.environment.name, label: label, hasSecret: withSecret)
            }
        }

        private func newConvertKey() throws -> NewConvertKey {
            guard let role = Role.ofKeys.first(where: { $0.rawValue == role }) else {
                throw ValidationError("--role must be one of \(Role.ofKeys.map(\.rawValue).joined(separator: ", ")).")
            }
            guard let authentication = ConvertKeyAuthentication(rawValue: authentication) else {
                let known = ConvertKeyAuthentication.allCases.map(\.rawValue).joined(separator: " or ")
                throw ValidationError("--authentication must be \(known).")
            }
            return NewConvertKey(label: label, role: role, authentication: authentication, projectIDs: project)
        }

        private func chosenEnvironment(
            _ desk: KeyDesk
        ) async throws -> (project: Project, environment: ProjectEnvironment) {
            let known = try await desk.environments.projects(accountID: account)
            guard project.count == 1, let chosen = known.first(where: { $0.id == project[0] }) else {
                let list = known.map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
                throw ValidationError("--project must name one project of account \(account): \(list).")
            }
            let environments = try await desk.environments.environments(projectID: chosen.id, accountID: account)
            let found = environments.first { one in environment.map(one.name.hasSameBytes) ?? one.isDefault }
            guard let found else {
                let list = environments.map(\.name).joined(separator: ", ")
                throw ValidationError("--environment: project \(chosen.id) has \(list).")
            }
            return (chosen, found)
        }
    }
}
