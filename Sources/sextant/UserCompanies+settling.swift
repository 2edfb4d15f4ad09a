import EventStore
import People

extension UserCompanies {
    /// Takes users out of companies that their profiles, after a deletion, no longer name.
    func settle(
        _ subject: DeletionSubject, _ ids: [String], environmentID: Int64, _ people: PeopleStore
    ) async throws {
        switch subject {
        case .users:
            for id in ids {
                if company(of: id, environmentID: environmentID) == nil { continue }
                let person = try await people.person(environmentID: environmentID, userID: id)
                if person?.companyID == nil { forget(users: [id], environmentID: environmentID) }
            }
        case .companies:
            for id in ids {
                let members = try await people.userIDs(ofCompanies: [id], environmentID: environmentID)
                if members.isEmpty { forget(companies: [id], environmentID: environmentID) }
            }
        }
    }
}
