import Text

/// Names the company of users in events that do not, in the order in which events are stored.
struct CompanyFilling {
    private let companies: UserCompanies
    /// Of the users of the transaction under way, what was said before it.
    private var known: [UserCompanies.Key: ClientText] = [:]
    /// What the transaction under way changes; it counts at once, and for good only after it.
    private var moves: [UserCompanies.Key: UserCompanies.Move] = [:]

    init(_ companies: UserCompanies) {
        self.companies = companies
    }

    /// Forgets what was not committed, and looks up those who are about to be stored.
    /// - Parameter projected: up to where the profiles show events; nil for none.
    mutating func begin(_ batches: [EventBatch], projected: LogPosition?) throws {
        moves = [:]
        companies.forget(upTo: projected)
        var users: [UserCompanies.Key: EventUser] = [:]
        for batch in batches where batch.namesCompanies {
            for index in 0..<batch.count {
                let event = batch[index]
                guard event.withUTF8(of: .companyID, { $0 == nil }), let key = key(of: event), users[key] == nil
                else { continue }
                users[key] = event[.userID].map { EventUser(environmentID: event.environmentID, userID: $0) }
            }
        }
        known = users.isEmpty ? [:] : try companies.companies(of: users)
    }

    /// Keeps what was.
    mutating func commit() {
        companies.apply(moves)
        moves = [:]
    }

    /// The company that an event is to be stored with besides what it says itself; nil for none.
    mutating func company(for event: EventView, as identifier: EventIdentifier) -> String? {
        guard let key = key(of: event) else { return nil }
        if let named = event[.companyID] {
            if event.type == .identifyUser {
                moves[key] = UserCompanies.Move(
                    environmentID: event.environmentID, companyID: named, identifier: identifier)
            }
            return nil
        }
        // What happened long ago is stored as it was told; where it puts somebody, they are.
        guard event.batch.namesCompanies else { return nil }
        if let move = moves[key] { return move.companyID.flatMap { $0.isEmpty ? nil : $0 } }
        return known[key]?.string
    }

    /// Of the user of an event; nil when it has none, or is about a company only.
    private func key(of event: EventView) -> UserCompanies.Key? {
        guard event.type != .identifyCompany else { return nil }
        return event.withUTF8(of: .userID) { userID in
            userID.flatMap { $0.isEmpty ? nil : companies.key(of: $0, event.environmentID) }
        }
    }
}
