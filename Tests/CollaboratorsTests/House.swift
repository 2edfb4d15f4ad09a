import ControlStore
import Schema
import Synchronization
import TestSupport
import Time

@testable import Collaborators
@testable import Identity

/// An account with an owner, and what it mails.
struct House: Sendable {
    let folder: TemporaryFolder
    let store: ControlStore
    let hand = HandClock()
    let mails = Mails()
    let account: Int64
    let owner: CollaboratorEditor
    let ownerEmail = "owner@x.example"
    let note = CollaboratorNote { _, _, _, _ in }

    init() async throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        let (now, email) = (hand.now, ownerEmail)
        let all = Accesses(everywhere: .owner)
        let (account, id) = try await store.write { database in
            let account = try database.insert(
                sql: "INSERT INTO accounts (name, created_at) VALUES ('A', ?)", arguments: [now])
            let id = try database.insert(
                sql: "INSERT INTO users (email, password_hash, created_at) VALUES (?, '', ?)", arguments: [email, now])
            try all.store(ofUser: id, in: account, at: now, database)
            return (account, id)
        }
        self.account = account
        owner = CollaboratorEditor(userID: id, accesses: all, name: "Owner")
    }

    var service: CollaboratorService { CollaboratorService(store: store, mails: mails, clock: hand.clock) }

    /// - Parameter accesses: in the account; nil for somebody who only has a login.
    func user(_ email: String, _ accesses: Accesses?) async throws -> Int64 {
        try await store.write { [now = hand.now, account] database in
            let id = try database.insert(
                sql: "INSERT INTO users (email, password_hash, created_at) VALUES (?, '', ?)", arguments: [email, now])
            try accesses?.store(ofUser: id, in: account, at: now, database)
            return id
        }
    }

    func editor(_ email: String, _ accesses: Accesses) async throws -> CollaboratorEditor {
        CollaboratorEditor(userID: try await user(email, accesses), accesses: accesses, name: email)
    }

    func otherAccount() async throws -> Int64 {
        try await store.write { [now = hand.now] database in
            try database.insert(sql: "INSERT INTO accounts (name, created_at) VALUES ('B', ?)", arguments: [now])
        }
    }

    /// - Parameter other: nil for the house's own account.
    func project(account other: Int64? = nil) async throws -> Int64 {
        try await store.write { [now = hand.now, account = other ?? account] database in
            try database.insert(
                sql: "INSERT INTO projects (account_id, name, type, created_at) VALUES (?, 'P', 'web', ?)",
                arguments: [account, now])
        }
    }

    func invite(_ email: String, _ accesses: Accesses, by editor: CollaboratorEditor? = nil) async throws
        -> Collaborator
    {
        let invitee = Invitee(email: email, firstName: "", lastName: "", accesses: accesses, message: nil)
        return try await service.invite(invitee, accountID: account, by: editor ?? owner, noting: note)
    }

    func set(_ id: Int64, _ accesses: Accesses, by editor: CollaboratorEditor) async throws {
        _ = try await service.update(
            .user(id), CollaboratorService.Change(accesses: accesses), accountID: account, by: editor, noting: note)
    }

    func remove(_ id: Int64, by editor: CollaboratorEditor) async throws {
        try await service.remove(.user(id), .all, accountID: account, by: editor, noting: note)
    }

    func accesses(_ id: Int64) async throws -> Accesses? {
        try await store.read { [account] in try Accesses.fetch(ofUser: id, from: $0)[account] }
    }

    func passwordHash(_ id: Int64) async throws -> String? {
        try await store.read { [now = hand.now] in try UserSecrets.passwordHash(of: id, at: now, from: $0) }
    }

    /// Keeps what is mailed.
    final class Mails: InvitationMails {
        private let sent = Mutex((hashes: [String](), passwords: [String]()))

        var hashes: [String] { sent.withLock(\.hashes) }
        var passwords: [String] { sent.withLock(\.passwords) }

        func sendInvitation(
            hash: String, to email: String, account: String, inviter: String, message: String?, in database: Database
        ) throws {
            sent.withLock { $0.hashes.append(hash) }
        }

        func sendPassword(_ password: String, to email: String, account: String, in database: Database) throws {
            sent.withLock { $0.passwords.append(password) }
        }
    }
}
