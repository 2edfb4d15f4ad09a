import Text

/// What a transaction changes about the users and visits of companies, until it is written.
struct CompanyCounts {
    typealias Subject = ProfileChanges.Subject

    struct Change {
        var users = 0
        var visits = 0
    }

    private var changes: [Subject: Change] = [:]

    mutating func add(visits: Int, to company: Subject) {
        changes[company, default: Change()].visits += visits
    }

    /// A person goes from one company to another; nil for none.
    mutating func move(in environmentID: Int64, from old: String?, to new: String?) {
        if let old { changes[Subject(environmentID: environmentID, id: ClientText(old)), default: Change()].users -= 1 }
        if let new { changes[Subject(environmentID: environmentID, id: ClientText(new)), default: Change()].users += 1 }
    }

    mutating func take(_ company: Subject) -> Change { changes.removeValue(forKey: company) ?? Change() }

    mutating func takeAll() -> [Subject: Change] {
        defer { changes = [:] }
        return changes
    }
}
