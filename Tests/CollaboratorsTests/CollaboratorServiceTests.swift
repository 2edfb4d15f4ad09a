import ControlStore
import Schema
import Synchronization
import TestSupport
import Testing
import Time

@testable import Collaborators
@testable import Identity

/// Who is asked into an account, and what becomes of them.
@Suite struct CollaboratorServiceTests {
    private let house: House

    init() async throws {
        house = try await House()
    }

    // MARK: invitations

    @Test func whoIsAskedBecomesACollaboratorOnce() async throws {
        let project = try await house.project()
        let asked = try await house.invite("Ann@x.example", Accesses(everywhere: nil, projects: [project: .edit]))
        #expect(asked.userID == nil && asked.email == "Ann@x.example")
        #expect(try await house.service.list(accountID: house.account).last == asked)
        let hash = try #require(house.mails.hashes.last)
        #expect(try await house.service.accept(hash, noting: house.note))
        let ann = try #require(try await house.service.list(accountID: house.account).last)
        #expect(ann.userID != nil && ann.accesses.projects == [project: .edit] && ann.accesses.everywhere == nil)
        #expect(house.mails.passwords.count == 1)
        await #expect(throws: CollaboratorError.noInvitation) {
            try await house.service.accept(hash, noting: house.note)
        }
    }

    @Test func whoHasALoginKeepsIt() async throws {
        let id = try await house.user("bob@x.example", nil)
        _ = try await house.invite("BOB@x.example", Accesses(everywhere: .edit))
        #expect(try await !house.service.accept(house.mails.hashes[0], noting: house.note))
        #expect(house.mails.passwords.isEmpty)
        #expect(try await house.accesses(id)?.everywhere == .edit)
    }

    @Test func whoHasGotAccessMeanwhileLosesNothing() async throws {
        let project = try await house.project()
        _ = try await house.invite(
            "bob@x.example", Accesses(everywhere: .browse, projects: [project: .publish]))
        let id = try await house.user("bob@x.example", Accesses(everywhere: .edit, projects: [project: .review]))
        _ = try await house.service.accept(house.mails.hashes[0], noting: house.note)
        #expect(try await house.accesses(id) == Accesses(everywhere: .edit, projects: [project: .publish]))
    }

    @Test func oneHashIsAcceptedOnceAlsoByManyAtTheSameMoment() async throws {
        _ = try await house.invite("ann@x.example", Accesses(everywhere: .edit))
        let hash = house.mails.hashes[0]
        let accepted = await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { [house] in (try? await house.service.accept(hash, noting: house.note)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1 && house.mails.passwords.count == 1)
    }

    @Test func invitationsAndMailedPasswordsExpire() async throws {
        _ = try await house.invite("ann@x.example", Accesses(everywhere: .edit))
        _ = try await house.invite("bob@x.example", Accesses(everywhere: .edit))
        house.hand.advance(seconds: 7 * 86_400 - 1)
        _ = try await house.service.accept(house.mails.hashes[0], noting: house.note)
        let id = try #require(
            try await house.service.list(accountID: house.account).first { $0.email.hasPrefix("ann") }?.userID)
        house.hand.advance(seconds: 1)
        await #expect(throws: CollaboratorError.noInvitation) {
            try await house.service.accept(house.mails.hashes[1], noting: house.note)
        }
        #expect(try await house.service.list(accountID: house.account).allSatisfy { $0.userID != nil })
        // Another may be sent.
        _ = try await house.invite("bob@x.example", Accesses(everywhere: .edit))
        #expect(try await house.passwordHash(id) != nil)
        house.hand.advance(seconds: 7 * 86_400)
        #expect(try await house.passwordHash(id) == nil)
    }

    @Test func anInvitationToAProjectThatIsGoneIsNone() async throws {
        let project = try await house.project()
        _ = try await house.invite("ann@x.example", Accesses(everywhere: nil, projects: [project: .edit]))
        try await house.store.write { try Project.delete(project, in: $0) }
        await #expect(throws: CollaboratorError.noInvitation) {
            try await house.service.accept(house.mails.hashes[0], noting: house.note)
        }
        #expect(house.mails.passwords.isEmpty)
    }

    @Test func anAddressIsAskedOnceInWhateverCase() async throws {
        _ = try await house.invite("anne@x.example", Accesses(everywhere: .edit))
        await #expect(throws: CollaboratorError.self) {
            try await house.invite("ANNE@X.example", Accesses(everywhere: .edit))
        }
        await #expect(throws: CollaboratorError.self) {
            try await house.invite(house.ownerEmail.uppercased(), Accesses(everywhere: .edit))
        }
    }

    /// Among them what only looks like another one: letters go to ASCII.
    @Test(arguments: [
        "", "ann", "a@b\r\nBcc: c@d", "a b@x.example", "@", "a@b@c", "ann\u{E9}@x.example", "anne\u{301}@x.example",
        "anne@\u{212A}.example", "ann\u{85}@x.example",
    ])
    func whatIsNoAddressIsRefused(_ wrong: String) async throws {
        let refusal = CollaboratorError.invalid(
            field: "email", "email must be an e-mail address, in ASCII (domains as xn--).")
        await #expect(throws: refusal) { try await house.invite(wrong, Accesses(everywhere: .edit)) }
    }

    @Test func nobodysMailboxIsFilled() async throws {
        for _ in 0..<InvitationLimit.count {
            _ = try await house.invite("ann@x.example", Accesses(everywhere: .edit))
            try await house.service.remove(
                .email("ann@x.example"), .all, accountID: house.account, by: house.owner, noting: house.note)
        }
        house.hand.advance(seconds: 86_399)
        await #expect(throws: CollaboratorError.tooManyInvitations(seconds: 1)) {
            try await house.invite("ann@x.example", Accesses(everywhere: .edit))
        }
        house.hand.advance(seconds: 1)
        _ = try await house.invite("ann@x.example", Accesses(everywhere: .edit))
    }

    @Test func anAccountHasSomeAtMost() async throws {
        try await house.store.write { [account = house.account, now = house.hand.now] database in
            // The owner is one, and one place is left.
            for number in 2..<CollaboratorService.maximumCount {
                let id = try database.insert(
                    sql: "INSERT INTO users (email, password_hash, created_at) VALUES (?, '', ?)",
                    arguments: ["\(number)@x.example", now])
                try Accesses(everywhere: .browse).store(ofUser: id, in: account, at: now, database)
            }
        }
        _ = try await house.invite("ann@x.example", Accesses(everywhere: .edit))
        await #expect(throws: CollaboratorError.self) {
            try await house.invite("bob@x.example", Accesses(everywhere: .edit))
        }
    }
}
