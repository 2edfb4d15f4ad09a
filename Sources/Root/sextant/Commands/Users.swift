import ArgumentParser
import Identity
import Sessions
import Time

/// `sextant user`: logins, for who runs the server and must not be locked out.
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add, list, repair and remove logins, on a stopped or a running server.",
        subcommands: [Add.self, List.self, ResetPassword.self, DisableMFA.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a login, or give one that is there further access.",
            usage: "sextant user add <email> [<options>]",
            discussion: "Without --password a random one is made and printed; it is to be changed at the first login.")

        @OptionGroup var place: StorePlace
        @Argument(help: "E-mail address.") var email: String
        @Option(help: "Password, 8 to 99 characters. (default: a random one)") var password: String?
        @Option(help: "browse, review, edit, publish, admin, account_manager or owner.") var role = "browse"
        @Option(help: "Account that the role is held in.") var account: Int64 = 1
        @Option(help: "Project that the role is held in; may be given again. (default: all of the account)")
        var project: [Int64] = []

        func run() async throws {
            guard let role = Role(rawValue: role) else {
                throw ValidationError("--role must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            try Users.check(password)
            let made = try await UserStore(store: place.open(), clock: .system)
                .add(email: email, password: password, role: role, accountID: account, projectIDs: project)
            try place.show(
                ["email": email].merging(made.map { ["password": $0] } ?? [:]) { $1 },
                made.map { "\(email) may log in with \($0)" } ?? "\(email) may log in.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List logins, with what they may do.")

        @OptionGroup var place: StorePlace

        func run() async throws {
            for entry in try await UserStore(store: place.open(), clock: .system).list() {
                let roles = entry.accesses.sorted { $0.key < $1.key }.flatMap { account, accesses in
                    (accesses.everywhere.map { ["\($0.rawValue) of account \(account)"] } ?? [])
                        + accesses.projects.sorted { $0.key < $1.key }.map { "\($1.rawValue) of project \($0)" }
                }.joined(separator: ", ")
                try place.show(
                    [
                        "email": entry.user.email, "id": "\(entry.user.id)", "roles": roles,
                        "mfa": "\(entry.user.hasMFA)",
                    ], "\(entry.user.email)  \(roles)\(entry.user.hasMFA ? "  with authenticator app" : "")")
            }
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password", abstract: "Give a login another password, and end its sessions.",
            usage: "sextant user reset-password <email> [<options>]",
            discussion: "Without --password a random one is made and printed; it is to be changed at the next login.")

        @OptionGroup var place: StorePlace
        @Argument(help: "E-mail address.") var email: String
        @Option(help: "Password, 8 to 99 characters. (default: a random one)") var password: String?

        func run() async throws {
            try Users.check(password)
            let store = try place.open()
            let made = try await UserStore(store: store, clock: .system).resetPassword(of: email, to: password)
            try await SessionStore(store: store, clock: .system).startAnew(email)
            try place.show(
                ["email": email].merging(made.map { ["password": $0] } ?? [:]) { $1 },
                made.map { "\(email) may log in with \($0)" } ?? "The password of \(email) is changed.")
        }
    }

    struct DisableMFA: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable-mfa", abstract: "Have a login take no code of an authenticator app any more.")

        @OptionGroup var place: StorePlace
        @Argument(help: "E-mail address.") var email: String

        func run() async throws {
            try await UserStore(store: place.open(), clock: .system).disableMFA(of: email)
            try place.show(["email": email], "\(email) logs in without an authenticator app.")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a login, with its sessions and all that it may do.",
            discussion: "The last owner of an account stays. What was done under the login stays in the histories.")

        @OptionGroup var place: StorePlace
        @Argument(help: "E-mail address.") var email: String

        func run() async throws {
            try await UserStore(store: place.open(), clock: .system).remove(email)
            try place.show(["email": email], "\(email) has no login any more.")
        }
    }

    /// - Throws: `ValidationError` for what people could not choose themselves.
    private static func check(_ password: String?) throws {
        guard let fault = password.flatMap(PasswordPolicy.fault) else { return }
        throw ValidationError("--password \(fault).")
    }
}
