import ArgumentParser
import Identity
import Resources
import Time

/// `sextant key`: keys of all kinds, for who runs the server and has lost theirs, or must end one that others have found.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "List, create and revoke API keys, on a stopped or a running server.",
        discussion: "A running server takes changes over within seconds.",
        subcommands: [List.self, Create.self, Revoke.self])

    /// What kinds are called on the command line.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case userpilot
        case gainsight
        case convert
        case sdk

        init(_ kind: APIKeyKind) {
            switch kind {
            case .userpilotToken: self = .userpilot
            case .gainsightKey: self = .gainsight
            case .convertApplication: self = .convert
            case .sdkKey: self = .sdk
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List keys. Secrets are shown only when they are made.")

        @OptionGroup var place: StorePlace
        @Flag(help: "Also those that are revoked.") var all = false

        func run() async throws {
            for entry in try await KeyDirectory(store: place.open()).all() where all || entry.key.revokedAt == nil {
                try place.show(entry.members, entry.line)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key for good.",
            discussion:
                "A running server refuses it within seconds. The last Convert key that may manage its account stays.")

        @OptionGroup var place: StorePlace
        @Argument(help: "Its number, as `sextant key list` shows it.") var id: Int64

        func run() async throws {
            let store = try place.open()
            guard let entry = try await KeyDirectory(store: store).find(id), entry.key.revokedAt == nil else {
                throw CommandError("There is no valid key \(id). See: sextant key list")
            }
            let desk = try await KeyDesk(store, place.masterKey(store))
            guard try await desk.revoke(entry.key) else {
                throw CommandError("The key \(id) was revoked meanwhile.")
            }
            try place.show(["id": "\(id)", "identifier": entry.key.identifier], "The key \(id) is revoked.")
        }
    }
}

extension KeyDirectory.Entry {
    fileprivate var members: [String: String] {
        var members = [
            "id": "\(key.id)", "kind": Keys.Kind(key.kind).rawValue, "identifier": key.identifier, "label": key.label,
            "account": "\(key.accountID)", "created": key.createdAt.description,
        ]
        members["project"] = key.projectID.map { "\($0)" }
        members["environment"] = environment
        members["revoked"] = key.revokedAt?.description
        return members
    }

    fileprivate var line: String {
        let place =
            ["account \(key.accountID)"] + (key.projectID.map { ["project \($0)"] } ?? [])
            + (environment.map { [$0] } ?? [])
        let end = key.revokedAt.map { "  revoked \($0)" } ?? ""
        return
            "\(key.id)  \(Keys.Kind(key.kind).rawValue)  \(key.identifier)  \(place.joined(separator: ", "))  \(key.label)\(end)"
    }
}
