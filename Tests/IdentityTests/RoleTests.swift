import Testing

@testable import Identity

/// Who may do what: the table, and what follows of roles in accounts and projects.
@Suite struct RoleTests {
    @Test func eachRoleMayAllThatLesserOnesMay() {
        for (lesser, greater) in zip(Role.allCases, Role.allCases.dropFirst()) {
            #expect(lesser < greater)
            #expect(Permission.all.allSatisfy { !lesser.may($0) || greater.may($0) })
        }
        #expect(Permission.all.allSatisfy(Role.owner.may))
        #expect(Set(Permission.all.map(\.name)).count == Permission.all.count)
    }

    @Test func whatTheContractSaysOfTheRolesHolds() {
        let looking = Permission.all.filter(Role.browse.may)
        #expect(looking.allSatisfy { $0.act.contains("view") || $0.act == "export" })
        #expect(Role.edit.may(.edit(.experience)) && !Role.edit.may(.startExperience))
        #expect(Role.publish.may(.startExperience) && !Role.publish.may(.edit(.project)))
        #expect(Role.admin.may(.add(.project)) && !Role.admin.may(.editAccount))
        #expect(Role.accountManager.may(.manageBilling) && !Role.accountManager.may(.managePlan))
        #expect(Role.allCases.filter { $0.may(.managePlan) } == [.owner])
        #expect(!Role.ofKeys.contains(.owner))
    }

    @Test func theGreaterRoleOfAccountAndProjectHolds() {
        let mixed = Accesses(everywhere: .browse, projects: [1: .publish, 2: .browse])
        #expect(mixed.role(inProject: 1) == .publish && mixed.role(inProject: 3) == .browse)
        #expect(mixed.projectIDs == nil && mixed.greatest == .publish)
        let single = Accesses(everywhere: nil, projects: [1: .edit])
        #expect(single.role(inProject: 1) == .edit && single.role(inProject: 2) == nil)
        #expect(single.projectIDs == [1] && single.everywhere == nil)
        let manager = Accesses(everywhere: .accountManager, projects: [1: .browse])
        #expect(manager.role(inProject: 1) == .accountManager)
        let nobody = Accesses(everywhere: nil)
        #expect(nobody.greatest == nil && nobody.projectIDs == [])
        #expect(Accesses(.admin, in: nil) == Accesses(everywhere: .admin))
        #expect(Accesses(.admin, in: [4]) == Accesses(everywhere: nil, projects: [4: .admin]))
    }
}
