import ControlStore
import Schema
import TestSupport
import Testing
import Time

@testable import Collaborators
@testable import Identity

/// Who may change whom, and that an account keeps an owner.
@Suite struct CollaboratorChangeTests {
    private let house: House

    init() async throws {
        house = try await House()
    }

    @Test func excessIsToldByPlace() {
        let own = Accesses(everywhere: .edit, projects: [1: .admin])
        #expect(own.excess(of: own) == nil)
        #expect(own.excess(of: Accesses(everywhere: nil)) == nil)
        #expect(own.excess(of: Accesses(everywhere: .edit, projects: [1: .publish, 2: .edit])) == nil)
        #expect(own.excess(of: Accesses(everywhere: .publish))?.project == nil)
        #expect(own.excess(of: Accesses(everywhere: .publish))?.role == .publish)
        #expect(own.excess(of: Accesses(everywhere: nil, projects: [2: .publish]))?.project == 2)
        #expect(own.excess(of: Accesses(everywhere: nil, projects: [1: .accountManager]))?.own == .admin)
        #expect(Accesses(everywhere: nil, projects: [1: .admin]).excess(of: Accesses(everywhere: .browse)) != nil)
    }

    @Test func nobodyGivesMoreThanTheyHaveNorTouchesSomebodyGreater() async throws {
        let admin = try await house.editor("admin@x.example", Accesses(everywhere: .admin))
        let manager = try await house.user("manager@x.example", Accesses(everywhere: .accountManager))
        let equal = try await house.user("equal@x.example", Accesses(everywhere: .admin))
        func isRefused(_ act: () async throws -> Void) async -> Bool {
            do {
                try await act()
            } catch CollaboratorError.forbidden {
                return true
            } catch {}
            return false
        }
        #expect(
            await isRefused {
                _ = try await house.invite("a@x.example", Accesses(everywhere: .accountManager), by: admin)
            })
        #expect(await isRefused { try await house.set(manager, Accesses(everywhere: .browse), by: admin) })
        #expect(await isRefused { try await house.remove(manager, by: admin) })
        #expect(await isRefused { try await house.set(equal, Accesses(everywhere: .accountManager), by: admin) })
        try await house.set(equal, Accesses(everywhere: .browse), by: admin)
        #expect(try await house.accesses(equal)?.everywhere == .browse)
        // Nor themselves.
        let own = try #require(admin.userID)
        #expect(await isRefused { try await house.set(own, Accesses(everywhere: .accountManager), by: admin) })
        try await house.set(own, Accesses(everywhere: .edit), by: admin)
        // What the request came with counts no more.
        #expect(await isRefused { try await house.set(equal, Accesses(everywhere: .edit), by: admin) })
        #expect(await isRefused { _ = try await house.invite("a@x.example", Accesses(everywhere: .browse), by: admin) })
    }

    @Test func projectsAreTheAccounts() async throws {
        let foreign = try await house.project(account: house.otherAccount())
        let id = try await house.user("ann@x.example", Accesses(everywhere: .browse))
        await #expect(
            throws: CollaboratorError.invalid(
                field: "accesses", "accesses: there is no project \(foreign) in this account.")
        ) {
            try await house.set(id, Accesses(everywhere: nil, projects: [foreign: .browse]), by: house.owner)
        }
        // Somebody of another account is nobody here.
        let stranger = try await house.user("eve@x.example", nil)
        await #expect(throws: CollaboratorError.self) {
            try await house.set(stranger, Accesses(everywhere: .browse), by: house.owner)
        }
    }

    @Test func accessesAreTakenAwayOneByOne() async throws {
        let all = Accesses(everywhere: .edit, projects: [1: .admin, 2: .browse])
        #expect(try CollaboratorService.rest(of: all, after: .all) == Accesses(everywhere: nil))
        #expect(
            try CollaboratorService.rest(of: all, after: .places([nil]))
                == Accesses(everywhere: nil, projects: all.projects))
        #expect(try CollaboratorService.rest(of: all, after: .places([1, 2])) == Accesses(everywhere: .edit))
        for wrong in [[3], [1, 1], [nil, nil]] as [[Int64?]] {
            #expect(throws: CollaboratorError.self) { try CollaboratorService.rest(of: all, after: .places(wrong)) }
        }
    }

    @Test func theLastOwnerStays() async throws {
        let id = try #require(house.owner.userID)
        for accesses in [Accesses(everywhere: .accountManager), Accesses(everywhere: nil)] {
            await #expect(throws: CollaboratorError.self) {
                if accesses.greatest == nil {
                    try await house.remove(id, by: house.owner)
                } else {
                    try await house.set(id, accesses, by: house.owner)
                }
            }
        }
        #expect(try await house.accesses(id)?.everywhere == .owner)
        // An owner of one project is none of the account.
        let project = try await house.project()
        _ = try await house.user("p@x.example", Accesses(everywhere: nil, projects: [project: .owner]))
        await #expect(throws: CollaboratorError.self) { try await house.remove(id, by: house.owner) }
        _ = try await house.user("second@x.example", Accesses(everywhere: .owner))
        try await house.remove(id, by: house.owner)
        #expect(try await house.accesses(id) == nil)
    }

    @Test(arguments: 0..<20) func oneOwnerStaysOfManyWhoLeaveAtTheSameMoment(_ round: Int) async throws {
        var owners = [house.owner]
        for number in 0..<6 {
            owners.append(try await house.editor("\(number)@x.example", Accesses(everywhere: .owner)))
        }
        await withTaskGroup { group in
            for (number, owner) in owners.enumerated() {
                group.addTask { [house] in
                    guard let id = owner.userID else { return }
                    if number.isMultiple(of: 2) {
                        try? await house.remove(id, by: owner)
                    } else {
                        try? await house.set(id, Accesses(everywhere: .browse), by: owner)
                    }
                }
            }
        }
        let left = try await house.service.list(accountID: house.account).filter { $0.accesses.everywhere == .owner }
        #expect(left.count == 1)
    }
}
