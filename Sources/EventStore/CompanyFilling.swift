import Text

/// Names the company of users in events that do not, in the order in which events are stored.
struct CompanyFilling {
    private let companies: UserCompanies
    /// What the transaction under way changes; it counts at once, and for good only after it.
    private var moves: [UserCompanies.Key: UserCompanies.Move] = [:]

    init(_ companies: UserCompanies) {
        self.companies = companies
    }

    /// Forgets what was not committed.
    mutating func begin() { moves = [:] }

    /// Keeps what was.
    mutating func commit() {
        companies.apply(moves)
        moves = [:]
    }

    /// The company that an event is to be stored with besides what it says itself; nil for none.
    mutating func company(for event: EventView) -> String? {
        guard event.batch.namesCompanies, event.type != .identifyCompany else { return nil }
        let key = event.withUTF8(of: .userID) { userID in
            userID.flatMap { $0.isEmpty ? nil : companies.key(of: $0, event.environmentID) }
        }
        guard let key else { return nil }
        if let named = event[.companyID] {
            if event.type == .identifyUser {
                moves[key] = UserCompanies.Move(environmentID: event.environmentID, companyID: named)
            }
            return nil
        }
        if let move = moves[key] { return move.companyID.flatMap { $0.isEmpty ? nil : $0 } }
        return companies.company(of: key)?.string
    }
}
